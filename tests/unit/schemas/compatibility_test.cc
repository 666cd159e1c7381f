#include <fmt/format.h>
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <sstream>

#include "tests/unit/schemas/schema_snapshot.h"
#include "tidewatch/v1/alert.pb.h"
#include "tidewatch/v1/change.pb.h"
#include "tidewatch/v1/command.pb.h"
#include "tidewatch/v1/dead_letter.pb.h"
#include "tidewatch/v1/evaluation.pb.h"
#include "tidewatch/v1/feedback.pb.h"
#include "tidewatch/v1/incident.pb.h"
#include "tidewatch/v1/input_position.pb.h"
#include "tidewatch/v1/quality_score.pb.h"
#include "tidewatch/v1/reference.pb.h"
#include "tidewatch/v1/review.pb.h"
#include "tidewatch/v1/rollout.pb.h"

namespace tidewatch {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::DescriptorProto;
using google::protobuf::FieldDescriptorProto;
using google::protobuf::FileDescriptor;
using google::protobuf::FileDescriptorProto;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kCommitted = std::string(TIDEWATCH_SOURCE_DIR) + "/schemas/compatibility/public.txt";

std::vector<const FileDescriptor*> public_files() {
  return {v1::Alert::descriptor()->file(),         v1::Change::descriptor()->file(),
          v1::Command::descriptor()->file(),       v1::Incident::descriptor()->file(),
          v1::DeadLetter::descriptor()->file(),    v1::EvaluationEvent::descriptor()->file(),
          v1::FeedbackEvent::descriptor()->file(), v1::InputPosition::descriptor()->file(),
          v1::QualityScore::descriptor()->file(),  v1::Reference::descriptor()->file(),
          v1::Review::descriptor()->file(),        v1::RolloutDecision::descriptor()->file()};
}
SchemaSnapshot public_schema() { return snapshot_of(public_files()); }

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(PublicSchemas, NoFieldThatOthersRelyOnChanges) {
  const auto committed = read_snapshot(text_of(kCommitted));
  const auto now = public_schema();
  ASSERT_THAT(breaking_changes(committed, now), IsEmpty())
      << "readers of the public topics would break; keep the field, reserve its number and add a new one";
  if (std::getenv("TIDEWATCH_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(kCommitted) << write_snapshot(now);
  } else {
    EXPECT_THAT(additions(committed, now), IsEmpty()) << "run this test once with TIDEWATCH_UPDATE_GOLDEN=1";
  }
}

TEST(PublicSchemas, EveryPublicFileAndWhatItImportsIsWatched) {
  std::set<std::string> watched;
  for (const auto* file : public_files()) watched.insert(file->name());
  int seen = 0;
  const std::filesystem::path root = std::string(TIDEWATCH_SOURCE_DIR) + "/schemas/proto";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (entry.path().extension() != ".proto" || text_of(entry.path()).find("// Public ") == std::string::npos) continue;
    EXPECT_TRUE(watched.contains(std::filesystem::relative(entry.path(), root))) << entry.path();
    ++seen;
  }
  EXPECT_EQ(seen, 11) << "input_position.proto is public by being imported";
  for (const auto* file : public_files()) {
    for (int i = 0; i < file->dependency_count(); ++i) {
      const FileDescriptor* imported = file->dependency(i);
      EXPECT_TRUE(imported->package() != file->package() || watched.contains(imported->name())) << imported->name();
    }
  }
}

TEST(PublicSchemas, SnapshotSurvivesItsText) {
  const auto now = public_schema();
  EXPECT_EQ(read_snapshot(write_snapshot(now)), now);
  EXPECT_EQ(now.at("tidewatch.v1.Alert.id"), "1 string singular");
  EXPECT_EQ(now.at("tidewatch.v1.Alert.labels"), "9 map<string,string> map");
  EXPECT_EQ(now.at("tidewatch.v1.Alert.expected_low"), "16 double optional");
  EXPECT_EQ(now.at("tidewatch.v1.Alert.offsets"), "27 tidewatch.v1.InputPosition repeated");
  EXPECT_EQ(now.at("tidewatch.v1.Change.at"), "1 google.protobuf.Timestamp singular");
}

/// change.proto with its message `Change` altered, as the compiler would describe it.
SchemaSnapshot altered(const std::function<void(DescriptorProto&)>& alter) {
  const FileDescriptor* original = v1::Change::descriptor()->file();
  DescriptorPool pool;
  for (int i = 0; i < original->dependency_count(); ++i) {
    FileDescriptorProto dependency;
    original->dependency(i)->CopyTo(&dependency);
    EXPECT_NE(pool.BuildFile(dependency), nullptr);
  }
  FileDescriptorProto file;
  original->CopyTo(&file);
  alter(*file.mutable_message_type(0));
  const FileDescriptor* built = pool.BuildFile(file);
  EXPECT_NE(built, nullptr);
  return built == nullptr ? SchemaSnapshot{} : snapshot_of({built});
}

std::vector<std::string> found_in(const std::function<void(DescriptorProto&)>& alter) {
  return breaking_changes(snapshot_of({v1::Change::descriptor()->file()}), altered(alter));
}

FieldDescriptorProto& field(DescriptorProto& message, std::string_view name) {
  for (auto& one : *message.mutable_field())
    if (one.name() == name) return one;
  ADD_FAILURE() << "no field " << name;
  return *message.mutable_field(0);
}

TEST(PublicSchemas, PlantedChangesAreFound) {
  EXPECT_THAT(found_in([](DescriptorProto&) {}), IsEmpty());
  EXPECT_THAT(found_in([](DescriptorProto& message) { field(message, "value").set_number(77); }),
              ElementsAre("tidewatch.v1.Change.value was 3 string singular and is 77 string singular"));
  EXPECT_THAT(found_in([](DescriptorProto& message) { field(message, "value").set_name("worth"); }),
              ElementsAre(HasSubstr("Change.value (3 string singular) vanished")));
  EXPECT_THAT(
      found_in([](DescriptorProto& message) { field(message, "value").set_type(FieldDescriptorProto::TYPE_BYTES); }),
      ElementsAre(HasSubstr("and is 3 bytes singular")));
  EXPECT_THAT(found_in([](DescriptorProto& message) {
                field(message, "value").set_label(FieldDescriptorProto::LABEL_REPEATED);
              }),
              ElementsAre(HasSubstr("and is 3 string repeated")));
  EXPECT_THAT(found_in([](DescriptorProto& message) {
                field(message, "value").set_proto3_optional(true);
                field(message, "value").set_oneof_index(0);
                message.add_oneof_decl()->set_name("_value");
              }),
              ElementsAre(HasSubstr("and is 3 string optional")));
  EXPECT_THAT(found_in([](DescriptorProto& message) { message.mutable_field()->RemoveLast(); }),
              ElementsAre(HasSubstr("Change.first_trace (5 string singular) vanished")));
  EXPECT_THAT(breaking_changes(snapshot_of({v1::Change::descriptor()->file()}), {}), testing::SizeIs(5));
}

TEST(PublicSchemas, AdditionsBreakNothingAndAreNamed) {
  const auto before = snapshot_of({v1::Change::descriptor()->file()});
  const auto now = altered([](DescriptorProto& message) {
    auto& added = *message.add_field();
    added.set_name("extra");
    added.set_number(6);
    added.set_type(FieldDescriptorProto::TYPE_DOUBLE);
    added.set_label(FieldDescriptorProto::LABEL_OPTIONAL);
  });
  EXPECT_THAT(breaking_changes(before, now), IsEmpty());
  EXPECT_THAT(additions(before, now), ElementsAre("tidewatch.v1.Change.extra"));
}

}  // namespace
}  // namespace tidewatch
