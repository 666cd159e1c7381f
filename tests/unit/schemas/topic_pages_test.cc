#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "stream/alert/command_reader.h"
#include "stream/ingest/evaluation.h"
#include "stream/ingest/feedback.h"
#include "stream/ingest/otlp_decoder.h"
#include "stream/publish/encoder.h"
#include "tests/unit/schemas/topic_page.h"
#include "tidewatch/v1/alert.pb.h"
#include "tidewatch/v1/change.pb.h"
#include "tidewatch/v1/dead_letter.pb.h"
#include "tidewatch/v1/evaluation.pb.h"
#include "tidewatch/v1/feedback.pb.h"
#include "tidewatch/v1/incident.pb.h"
#include "tidewatch/v1/quality_score.pb.h"
#include "tidewatch/v1/review.pb.h"
#include "tidewatch/v1/rollout.pb.h"

namespace tidewatch {
namespace {

using google::protobuf::Message;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// The page's one example, read strictly: a field that the schema does not have is an error.
void read_example(const TopicPage& page, Message& out) {
  const auto blocks = json_blocks(page.section("Example"));
  ASSERT_THAT(blocks, SizeIs(1));
  const auto status = google::protobuf::util::JsonStringToMessage(blocks[0], &out);
  ASSERT_TRUE(status.ok()) << status.ToString();
}

class OutputTopic : public testing::TestWithParam<std::pair<const char*, const Message*>> {};

TEST_P(OutputTopic, ExampleIsExactlyWhatIsWritten) {
  const TopicPage page(GetParam().first);
  const std::unique_ptr<Message> message(GetParam().second->New());
  read_example(page, *message);
  const auto example = nlohmann::json::parse(json_blocks(page.section("Example")).at(0));
  EXPECT_EQ(nlohmann::json::parse(encode(*message, WireFormat::json)), example);
}

TEST_P(OutputTopic, TableNamesEveryFieldAndNoOther) {
  const TopicPage page(GetParam().first);
  EXPECT_EQ(names_of_table(page.section("Fields")), field_names(*GetParam().second->GetDescriptor()));
}

TEST_P(OutputTopic, PageStatesKeyAndHeaders) {
  EXPECT_THAT(TopicPage(GetParam().first).text(), AllOf(HasSubstr("**Key**: "), HasSubstr("**Headers**: ")));
}

INSTANTIATE_TEST_SUITE_P(
    Pages, OutputTopic,
    testing::Values(
        std::pair<const char*, const Message*>("tidewatch.quality-scores", &v1::QualityScore::default_instance()),
        std::pair<const char*, const Message*>("tidewatch.alerts", &v1::Alert::default_instance()),
        std::pair<const char*, const Message*>("tidewatch.alerts.state", &v1::Alert::default_instance()),
        std::pair<const char*, const Message*>("tidewatch.incidents", &v1::Incident::default_instance()),
        std::pair<const char*, const Message*>("tidewatch.changes", &v1::Change::default_instance()),
        std::pair<const char*, const Message*>("tidewatch.rollouts", &v1::RolloutDecision::default_instance()),
        std::pair<const char*, const Message*>("tidewatch.reviews", &v1::Review::default_instance()),
        std::pair<const char*, const Message*>("tidewatch.dead-letter", &v1::DeadLetter::default_instance())),
    [](const auto& page) { return page.param.second->GetDescriptor()->name() + std::to_string(page.index); });

TEST(InputTopic, CommandExampleIsOfTheSchemaAndEveryFieldIsNamed) {
  const TopicPage page("tidewatch.commands");
  v1::Command command;
  read_example(page, command);
  Record record;
  const std::string value = command.SerializeAsString();
  record.value = value;
  EXPECT_TRUE(read_command(record).ok());
  EXPECT_EQ(names_of_table(page.section("Fields")), field_names(*v1::Command::descriptor()));
}

TEST(InputTopic, FeedbackExampleIsOfTheSchemaAndCounts) {
  const TopicPage page("llm.feedback");
  v1::FeedbackEvent event;
  read_example(page, event);
  EXPECT_EQ(names_of_table(page.section("Fields")), field_names(*v1::FeedbackEvent::descriptor()));
  const auto seen = parse_feedback(json_blocks(page.section("Example")).at(0), kMinTimestamp);
  ASSERT_TRUE(seen);
  EXPECT_THAT(seen->bad, IsEmpty());
  EXPECT_THAT(seen->feedback, SizeIs(1));
}

TEST(InputTopic, FeedbackOfEachOtherShapeCountsAsItsPageSays) {
  const auto blocks = json_blocks(TopicPage("llm.feedback").section("Other shapes"));
  EXPECT_THAT(blocks, SizeIs(4));
  for (const auto& block : blocks) {
    const auto seen = parse_feedback(block, Timestamp{});
    ASSERT_TRUE(seen) << seen.error().message;
    EXPECT_THAT(seen->bad, IsEmpty()) << block;
    ASSERT_THAT(seen->feedback, SizeIs(1)) << block;
    EXPECT_EQ(seen->feedback[0].target.key(), "5b8efff798038103d269b633813fc60c");
    EXPECT_TRUE(seen->feedback[0].facts.positive());
    EXPECT_TRUE(seen->feedback[0].facts.has_comment());
  }
}

TEST(InputTopic, EvaluationExampleIsOfTheSchemaAndCounts) {
  const TopicPage page("llm.evaluations");
  v1::EvaluationEvent event;
  read_example(page, event);
  EXPECT_EQ(names_of_table(page.section("Fields")), field_names(*v1::EvaluationEvent::descriptor()));
  const auto seen = parse_evaluations(json_blocks(page.section("Example")).at(0), kMinTimestamp);
  ASSERT_TRUE(seen);
  EXPECT_THAT(seen->bad, IsEmpty());
  EXPECT_THAT(seen->evaluations, SizeIs(1));
}

struct Counts : OtlpSink {
  void on_span(const OtlpAttributes& /*resource*/, const OtlpScope& /*scope*/, const OtlpSpan& /*span*/) override {
    ++spans;
  }
  void on_log(const OtlpAttributes& /*resource*/, const OtlpScope& /*scope*/, const OtlpLog& /*log*/) override {
    ++logs;
  }
  void on_bad(const Error& reason, std::string_view /*part*/) override { ADD_FAILURE() << reason.message; }
  int spans = 0;
  int logs = 0;
};

TEST(InputTopic, OtlpExamplesAreOtlp) {
  Counts counts;
  OtlpDecoder decoder;
  const auto spans = json_blocks(TopicPage("otlp_spans").section("Example"));
  const auto logs = json_blocks(TopicPage("otlp_logs").section("Example"));
  ASSERT_THAT(spans, SizeIs(1));
  ASSERT_THAT(logs, SizeIs(1));
  EXPECT_TRUE(decoder.decode_traces(spans[0], counts));
  EXPECT_TRUE(decoder.decode_logs(logs[0], counts));
  EXPECT_EQ(counts.spans, 1);
  EXPECT_EQ(counts.logs, 1);
}

/// Codes that stand before a sentence in the sources of what dead-letters: Error{"code", "..."}, refuse("code", ...).
std::set<std::string> codes_in(const std::string& source) {
  std::ifstream file(source);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::regex code(R"re([{(]\s*"([a-z]+(?:_[a-z]+)*)",\s*(?:fmt::format|"[^"]* ))re");
  std::set<std::string> out;
  for (std::sregex_iterator at(text.begin(), text.end(), code), end; at != end; ++at) out.insert((*at)[1]);
  return out;
}

TEST(TopicPages, DeadLetterExplainsEveryReasonCodeAndNoOther) {
  namespace fs = std::filesystem;
  const fs::path stream = fs::path(TIDEWATCH_SOURCE_DIR) / "stream";
  std::set<std::string> codes;
  for (const fs::path& folder : {stream / "ingest", stream / "ingest/findings"})
    for (const auto& entry : fs::directory_iterator(folder))
      if (entry.path().extension() == ".cc") codes.merge(codes_in(entry.path()));
  for (const char* file :
       {"assemble/assemble.cc", "detect/detect.cc", "detect/pane_buffer.cc", "alert/alerting.cc",
        "alert/alerting_commands.cc", "alert/command_reader.cc", "alert/silences.cc", "detect/expected_events.cc",
        "window/label_matcher.cc", "notify/notify.cc", "notify/sink_line.cc"})
    codes.merge(codes_in(stream / file));
  codes.erase("corrupt");  // of stored state, which is logged and starts afresh
  EXPECT_THAT(codes, testing::IsSupersetOf({"bad_json", "bad_thumb", "bad_fragment", "other_pane"}));
  EXPECT_EQ(names_of_table(TopicPage("tidewatch.dead-letter").section("Reason codes")), codes);
}

TEST(TopicPages, TheIndexNamesEveryPage) {
  const std::string index = TopicPage("README").text();
  int pages = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(TIDEWATCH_SOURCE_DIR) + "/docs/topics")) {
    const std::string name = entry.path().filename().string();
    if (name == "README.md") continue;
    ++pages;
    EXPECT_THAT(index, HasSubstr("(" + name + ")"));
  }
  EXPECT_EQ(pages, 13);
}

TEST(TopicPages, TheChecksFindWhatIsMissing) {
  EXPECT_THAT(names_of_table("| field | type |\n|---|---|\n| `a`, `b[].c` | `text` |\n`d`\n"),
              ElementsAre("a", "b[].c"));
  EXPECT_THAT(json_blocks("x\n```json\n{}\n```\n```yaml\n-\n```\n```json\n[1,\n2]\n```\n"),
              ElementsAre("{}", "[1,\n2]"));
  EXPECT_THAT(field_names(*v1::RolloutDecision::descriptor()),
              testing::IsSupersetOf({"at", "guards[]", "guards[].interval", "guards[].interval.low"}));
}

}  // namespace
}  // namespace tidewatch
