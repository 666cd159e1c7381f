#include <gmock/gmock.h>

#include <filesystem>

#include "tests/unit/app/command_run.h"
#include "tests/unit/app/config/loading.h"

namespace tidewatch {
namespace {

using app_test::run_command;
using ::testing::HasSubstr;

const std::string kExample = "docs/examples/tidewatch.test.yaml";

TEST(TuningPage, ItsTestsPass) {
  const auto outcome = run_command({"test", std::string(TIDEWATCH_SOURCE_DIR) + "/" + kExample});
  EXPECT_EQ(outcome.exit, Exit::ok) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("3 tests, 0 failed"));
}

TEST(TuningPage, ShowsTheExampleAsItIs) {
  EXPECT_THAT(source_file("docs/tuning.md"), HasSubstr(source_file(kExample)));
}

/// The first block of the page in a language.
std::string block(const std::string& page, const std::string& language) {
  const std::string fence = "```" + language + "\n";
  const size_t from = page.find(fence) + fence.size();
  return page.substr(from, page.find("```", from) - from);
}

TEST(TuningPage, ItsLabelsAreLabels) {
  const std::string page = source_file("docs/tuning.md");
  for (const auto& [language, name] : {std::pair("csv", "labels.csv"), std::pair("json", "labels.jsonl")}) {
    const auto path = app_test::written(name, block(page, language));
    const auto spans = app_test::written("spans.jsonl", "{}\n");
    const auto out = std::filesystem::path(path).parent_path() / "out";
    const auto outcome = run_command({"backtest", "--spans", spans, "--labels", path, "--out", out.string()});
    EXPECT_EQ(outcome.exit, Exit::ok) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("0 of 1 incidents found")) << outcome.out;
  }
}

}  // namespace
}  // namespace tidewatch
