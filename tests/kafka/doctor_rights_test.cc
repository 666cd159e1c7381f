// What `tidewatch doctor` says of a user's rights, against a real broker with ACLs.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

#include "app/doctor/topic_plan.h"
#include "app/flow.h"
#include "kafka/command_run.h"
#include "kafka/kafka_broker.h"

namespace tidewatch::kafka_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class DoctorRights : public testing::Test {
 protected:
  void SetUp() override {
    if (broker_.restricted_brokers().empty()) GTEST_SKIP() << "a cluster of your own has users of its own";
    ::setenv("TIDEWATCH_TEST_PASSWORD", "restricted-password", 1);
    const auto made = run_command({"doctor", "--config", write_config(broker_.brokers(), prefix_), "--fix"});
    ASSERT_EQ(made.exit, Exit::ok) << made.out << made.err;
  }
  void TearDown() override {
    if (!broker_.restricted_brokers().empty())
      acls(
          "--remove --force --allow-principal User:restricted --topic '*' --group '*' --transactional-id '*' "
          "--resource-pattern-type any");
  }

  /// The config of a user who may only do what ACLs allow.
  std::string config() const {
    const std::string path = write_config(broker_.restricted_brokers(), prefix_);
    std::ifstream in(path);
    std::string yaml{std::istreambuf_iterator<char>(in), {}};
    yaml.insert(yaml.find("  group_prefix"),
                "  properties: {security.protocol: sasl_plaintext, sasl.mechanisms: PLAIN, sasl.username: restricted, "
                "sasl.password: '${env:TIDEWATCH_TEST_PASSWORD}'}\n");
    std::ofstream(path) << yaml;
    return path;
  }

  void acls(const std::string& arguments) const {
    EXPECT_TRUE(broker_.run_kafka_acls(fmt::format("--bootstrap-server {} {}", broker_.brokers(), arguments)));
  }
  void allow(const std::string& rights) const { acls("--add --allow-principal User:restricted " + rights); }

  /// Does what the lines say behind "->" that begins with kafka-acls.sh, as an administrator.
  int grant_all(const std::string& report) const {
    int granted = 0;
    std::istringstream lines(report);
    const std::string command = "-> kafka-acls.sh --bootstrap-server " + broker_.restricted_brokers() + " ";
    for (std::string line; std::getline(lines, line);) {
      const size_t at = line.find(command);
      if (at == std::string::npos) continue;
      acls(line.substr(at + command.size()));
      ++granted;
    }
    return granted;
  }

  /// Where the topics end, and so whether anything was written.
  std::vector<int64_t> ends() const {
    std::vector<int64_t> out;
    for (int i = 0; i < kStreamCount; ++i)
      out.push_back(broker_.end_offset(fmt::format("{}.{}", prefix_, name_of(static_cast<Stream>(i))), 0));
    return out;
  }

  KafkaBroker& broker_ = KafkaBroker::instance();
  const std::string prefix_ = unique_name("rights");
};

TEST_F(DoctorRights, OfAUserWithoutAnyAreGrantedByWhatIsPrinted) {
  const auto before = ends();
  const auto found = run_command({"doctor", "--config", config()});
  EXPECT_EQ(found.exit, Exit::finding) << found.err;
  EXPECT_THAT(
      found.out,
      HasSubstr(fmt::format("problem  rights topics: User:restricted may not read {0}.traces, {0}.logs, "
                            "{0}.feedback, {0}.evaluations, {0}.commands -> kafka-acls.sh --bootstrap-server {1} --add "
                            "--allow-principal 'User:restricted' --operation Read --topic {0}.traces --topic ",
                            prefix_, broker_.restricted_brokers())));
  EXPECT_THAT(found.out, HasSubstr("User:restricted may not read and write " + prefix_ + ".fragments"));
  EXPECT_THAT(found.out,
              HasSubstr("User:restricted may not write " + prefix_ + ".quality_scores, " + prefix_ + ".alerts, "));
  EXPECT_THAT(found.out, HasSubstr("rights groups: User:restricted may not be a member of " + prefix_ + "-observe"));
  EXPECT_THAT(found.out, HasSubstr("--operation Write --transactional-id " + prefix_ +
                                   "- --resource-pattern-type "
                                   "prefixed\n"));
  EXPECT_THAT(found.out, Not(HasSubstr("sample")));

  EXPECT_EQ(grant_all(found.out), 5);
  const auto after = run_command({"doctor", "--config", config()});
  EXPECT_EQ(after.exit, Exit::ok) << after.out << after.err;
  EXPECT_THAT(after.out, HasSubstr(fmt::format("ok       rights: User:restricted may read 12 and write {} topics, be a "
                                               "member of the groups {}-* and write in transactions\n",
                                               kStreamCount - 5, prefix_)));
  EXPECT_EQ(ends(), before) << "trying is not doing";
}

TEST_F(DoctorRights, ThatAreMissingAreNamedAndNoOthers) {
  // Everything but what is found below. Who may only describe a group may see its offsets, and is no member.
  allow(fmt::format(
      "--operation Read --operation Write --operation DescribeConfigs --topic {}. --resource-pattern-type prefixed",
      prefix_));
  std::string described;
  for (const char* stage : kStageNames)
    described += fmt::format(" --group {0}-{1} --transactional-id {0}-{1}-doctor", prefix_, stage);
  allow("--operation Describe" + described);
  const std::string deny = "--add --deny-principal User:restricted --operation ";
  acls(fmt::format("{}Write --topic {}.alerts", deny, prefix_));
  acls(fmt::format("{}Read --topic {}.partials", deny, prefix_));

  const auto found = run_command({"doctor", "--config", config()});
  EXPECT_EQ(found.exit, Exit::finding) << found.err;
  EXPECT_THAT(
      found.out,
      AllOf(HasSubstr("may not read " + prefix_ + ".partials -> "),
            HasSubstr("may not write " + prefix_ + ".alerts -> "),
            HasSubstr(fmt::format(
                "may not be a member of {0}-observe, {0}-assemble, {0}-session, {0}-detect, {0}-alert, {0}-evaluate, "
                "{0}-notify -> ",
                prefix_)),
            HasSubstr("may not write in transactions as " + prefix_ + "-observe-doctor, "), HasSubstr(" 4 problems\n"),
            HasSubstr("sample " + prefix_ + ".traces")));
}

}  // namespace
}  // namespace tidewatch::kafka_test
