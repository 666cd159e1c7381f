#include "app/reference_command.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/unit/app/command_run.h"

namespace tidewatch::app_test {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;

std::string content(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Spans of an hour of ordinary traffic, as a test set's run.
std::string spans_of_a_run() {
  const std::string folder = std::filesystem::path(written("marker", "")).parent_path();
  const auto made = run_command(
      {"gen", "--scenario", "quiet-week", "--hours", "1", "--history", "0", "--rate", "5", "--out", folder});
  EXPECT_EQ(made.exit, Exit::ok) << made.err;
  return folder + "/spans.jsonl";
}

TEST(ReferenceCommand, WritesWhatAConfigTakes) {
  const std::string spans = spans_of_a_run();
  const std::string file = written("reference.jsonl", "");
  const auto outcome =
      run_command({"reference", "--spans", spans, "--label", "service=shop-of-tomorrow", "--out", file});
  ASSERT_EQ(outcome.exit, Exit::ok) << outcome.err;
  EXPECT_THAT(outcome.out, ContainsRegex("[0-9]+ requests of [0-9]+ entities written to"));
  const std::string lines = content(file);
  EXPECT_THAT(lines, HasSubstr(R"("labels":{"service":"shop-of-tomorrow"})"));
  EXPECT_THAT(lines, HasSubstr(R"("measure":"refusal_rate")"));
  EXPECT_EQ(lines.find(R"("measure":"requests")"), std::string::npos) << "a volume";
  const auto config = written("tidewatch.yaml", "reference: ${file:" + file + "}\n");
  const auto valid = run_command({"validate", "--config", config});
  EXPECT_EQ(valid.exit, Exit::ok) << valid.err;
  const auto shown = run_command({"config", "show", "--config", config});
  EXPECT_THAT(shown.out, HasSubstr("reference: ${file:" + file + "}"));
}

TEST(ReferenceCommand, ARuleWithoutATestSetIsAnErrorAtItsPlace) {
  const auto config =
      written("tidewatch.yaml", "detectors:\n  - {name: tested, measure: error_rate, detector: reference}\n");
  const auto outcome = run_command({"validate", "--config", config});
  EXPECT_EQ(outcome.exit, Exit::bad_config);
  EXPECT_THAT(outcome.err, HasSubstr(config + ":2:"));
  EXPECT_THAT(outcome.err, HasSubstr("write one with `tidewatch reference`"));
}

TEST(ReferenceCommand, AFileOfAnotherKindIsRefusedWithItsLine) {
  const auto other = written("other.jsonl", "{\"id\": 1}\n");
  const auto config = written("tidewatch.yaml", "reference: ${file:" + other + "}\n");
  const auto outcome = run_command({"validate", "--config", config});
  EXPECT_EQ(outcome.exit, Exit::bad_config);
  EXPECT_THAT(outcome.err, HasSubstr("reference: line 1: is no entity of a reference"));
}

TEST(ReferenceCommand, SaysWhatIsWrongWithItsArguments) {
  const auto spans = written("empty.jsonl", "");
  const auto label = run_command({"reference", "--spans", spans, "--label", "service", "--out", written("a", "")});
  EXPECT_EQ(label.exit, Exit::usage);
  EXPECT_THAT(label.err, HasSubstr("--label service: is not NAME=VALUE"));
  const auto empty = run_command({"reference", "--spans", spans, "--out", written("b", "")});
  EXPECT_EQ(empty.exit, Exit::bad_data);
  EXPECT_THAT(empty.err, HasSubstr("no request in"));
}

}  // namespace
}  // namespace tidewatch::app_test
