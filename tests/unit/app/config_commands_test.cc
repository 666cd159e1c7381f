#include <gmock/gmock.h>

#include <fstream>
#include <string>
#include <vector>

#include "app/config/config.h"
#include "app/config_command.h"
#include "app/validate_command.h"
#include "unit/app/command_run.h"

namespace tidewatch {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

using app_test::Outcome;
using app_test::run_command;
using app_test::written;

TEST(Validate, OfAGoodConfigSaysSo) {
  const auto file = std::string(TIDEWATCH_SOURCE_DIR) + "/docs/examples/tidewatch.yaml";
  const Outcome outcome = run_command({"validate", "--config", file});
  EXPECT_EQ(outcome.exit, Exit::ok);
  EXPECT_EQ(outcome.out, file + ": valid\n");
  EXPECT_THAT(outcome.err, IsEmpty());
}

TEST(Validate, OfABadConfigPrintsEveryErrorOnALineAndExitsWith78) {
  const auto file = written("bad.yaml", "mode: lve\nkafak: {}\n");
  const Outcome outcome = run_command({"validate", "--config", file});
  EXPECT_EQ(static_cast<int>(outcome.exit), 78);
  EXPECT_EQ(outcome.err, file + ":1:7: mode: \"lve\" is none of live, shadow; did you mean \"live\"?\n" + file +
                             ":2:1: kafak: unknown key; did you mean \"kafka\"?\n");
  EXPECT_THAT(outcome.out, IsEmpty());
}

TEST(Validate, OfABadPhraseTableSaysWhereInWhichFile) {
  const auto table = written("unsafe.yaml", "en:\n  phrases:\n    - fine\n    - \"(\"\n");
  const auto file = written("phrases-config.yaml", "safety:\n  phrases: ${file:" + table + "}\n");
  const Outcome outcome = run_command({"validate", "--config", file});
  EXPECT_EQ(outcome.exit, Exit::bad_config);
  EXPECT_EQ(outcome.err, file + ":2:12: safety.phrases: no phrase table: " + table +
                             ":4:7: phrases: is no RE2 expression: missing )\n");
  const auto inline_file = written("inline-phrases.yaml", "safety:\n  phrases: \"en: [\"\n");
  const Outcome inline_outcome = run_command({"validate", "--config", inline_file});
  EXPECT_EQ(inline_outcome.exit, Exit::bad_config);
  EXPECT_EQ(inline_outcome.err, inline_file +
                                    ":2:12: safety.phrases: no phrase table: phrases:1:1: not YAML: "
                                    "end of sequence flow not found\n");
}

TEST(Validate, OfAFileThatIsNotThereSaysSo) {
  const Outcome outcome = run_command({"validate", "--config", "/no/such.yaml"});
  EXPECT_EQ(outcome.exit, Exit::bad_config);
  EXPECT_EQ(outcome.err, "/no/such.yaml: cannot be opened: No such file or directory\n");
}

TEST(Validate, NeedsAConfig) { EXPECT_THROW(run_command({"validate"}), CLI::ParseError); }

TEST(ConfigCommand, ShowsFilesThatAConfigRefersToByTheirPath) {
  written("tz", "Europe/Oslo\n");
  const auto file = written("refers.yaml", "time:\n  time_zone: ${file:tz}\n");
  const Outcome outcome = run_command({"config", "show", "--config", file});
  EXPECT_EQ(outcome.exit, Exit::ok) << outcome.err;
  EXPECT_THAT(outcome.out, StartsWith("# config_version: "));
  EXPECT_THAT(outcome.out, HasSubstr("time_zone: ${file:tz}  # " + file + ":2\n"));
  EXPECT_EQ(load_config_file(file).config.detect.time_zone, "Europe/Oslo");
}

TEST(ConfigCommand, ShowsTheDefaultsWithoutAFile) {
  const Outcome outcome = run_command({"config", "show"});
  EXPECT_EQ(outcome.exit, Exit::ok);
  EXPECT_THAT(outcome.out, HasSubstr("pane: 1m  # default\n"));
}

TEST(ConfigCommand, PrintsSchemaAndDocs) {
  EXPECT_EQ(run_command({"config", "schema"}).out, config_schema());
  EXPECT_EQ(run_command({"config", "docs"}).out, config_docs());
}

}  // namespace
}  // namespace tidewatch
