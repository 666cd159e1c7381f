#include <gmock/gmock.h>

#include <regex>

#include "tests/unit/app/config/loading.h"

namespace tidewatch {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string without_comments(const std::string& yaml) { return std::regex_replace(yaml, std::regex(" *#[^\n]*"), ""); }

TEST(Show, ReadsBackToTheSame) {
  for (const auto& loaded : {load_full(), load(""), load(source_file("docs/examples/tidewatch.yaml"))}) {
    const std::string shown = show_config(loaded.config);
    const auto again = load_config("again.yaml", shown, full_environment());
    EXPECT_THAT(errors_of(again), IsEmpty()) << shown;
    EXPECT_EQ(without_comments(show_config(again.config)), without_comments(shown));
    EXPECT_EQ(again.config.detect.config_version, loaded.config.detect.config_version);
  }
}

TEST(Show, SaysWhereEachValueCameFrom) {
  const std::string shown = show_config(load("mode: shadow\n"
                                             "trace:\n"
                                             "  quiet: 5s\n"
                                             "detectors:\n"
                                             "  - name: error_rate\n"
                                             "    window: 10m\n")
                                            .config);
  EXPECT_THAT(shown, HasSubstr("mode: shadow  # tidewatch.yaml:1\n"));
  EXPECT_THAT(shown, HasSubstr("quiet: 5s  # tidewatch.yaml:3\n"));
  EXPECT_THAT(shown, HasSubstr("timeout: 1m  # default\n"));
  EXPECT_THAT(shown, HasSubstr("window: 10m  # tidewatch.yaml:6\n"));
  EXPECT_THAT(shown, HasSubstr("half_life: 864  # default\n"));
  EXPECT_THAT(shown, HasSubstr("- [service, endpoint]  # default\n"));
}

TEST(Show, EveryValueHasAnOrigin) {
  const std::string shown = show_config(load_full().config);
  std::istringstream lines(shown);
  const std::regex with_value(R"(^[ -]*([\w.]+:)? *[^ :#][^#]*$)");
  for (std::string line; std::getline(lines, line);) {
    const bool opens_a_section = line.ends_with(':');
    EXPECT_TRUE(opens_a_section || line.find("  # ") != std::string::npos) << line;
  }
}

TEST(Show, OriginsOfWhatMayBeWrittenInTwoWaysAreKnown) {
  const std::string shown = show_config(load_full().config);
  EXPECT_THAT(shown, HasSubstr("measure: slow_search_p95  # full.yaml:"));
  EXPECT_THAT(shown, HasSubstr("entity: [service]  # full.yaml:"));
  EXPECT_THAT(shown, HasSubstr("season: false  # full.yaml:"));
  EXPECT_THAT(shown, HasSubstr("warm_up: 24  # full.yaml:"));
}

TEST(Show, PrintsReferencesAsWritten) {
  const std::string shown = show_config(load_full().config);
  EXPECT_THAT(shown, HasSubstr("sasl.password: ${env:KAFKA_PASSWORD}  # full.yaml:"));
  EXPECT_THAT(shown, HasSubstr("key: ${env:JUDGE_KEY}  # full.yaml:"));
  EXPECT_THAT(shown, Not(HasSubstr("open-sesame")));
  EXPECT_THAT(shown, HasSubstr("instance: ${env:HOSTNAME}  # full.yaml:"));
  EXPECT_THAT(shown, HasSubstr("phrases: ${file:unsafe-phrases.yaml}  # full.yaml:"));
  EXPECT_THAT(shown, Not(HasSubstr("swordfish")));
  EXPECT_THAT(shown, Not(HasSubstr("engine-3")));
}

TEST(Show, NeverPrintsWhatAReferenceInAListMeans) {
  const auto environment = test_environment({{"A", "alpha:9092"}, {"B", "beta:9092"}});
  for (const char* brokers : {R"("${env:A}")", R"(["${env:A}"])", R"(["${env:A}", "${env:B}"])"}) {
    const auto loaded = load(std::string("kafka: {brokers: ") + brokers + "}\n", environment);
    EXPECT_THAT(errors_of(loaded), IsEmpty());
    EXPECT_EQ(loaded.config.kafka.brokers.front(), "alpha:9092");
    const std::string shown = show_config(loaded.config);
    EXPECT_THAT(shown, HasSubstr("${env:A}"));
    EXPECT_THAT(shown, Not(HasSubstr("alpha")));
    EXPECT_THAT(shown, Not(HasSubstr("beta")));
  }
}

TEST(Version, IsOfTheValuesAndNotOfTheirSpelling) {
  const auto version = [](const std::string& yaml) {
    const auto loaded = load(yaml, test_environment({{"QUIET", "5s"}}));
    EXPECT_THAT(errors_of(loaded), IsEmpty());
    return loaded.config.detect.config_version;
  };
  EXPECT_THAT(version(""), ::testing::MatchesRegex("[0-9a-f]{12}"));
  EXPECT_EQ(version(""), version("mode: live\n"));
  EXPECT_EQ(version("trace: {quiet: 5s}\n"), version("trace:\n  quiet: 5000ms # quick\n"));
  EXPECT_EQ(version("trace: {quiet: 5s}\n"), version("trace: {quiet: \"${env:QUIET}\"}\n"));
  EXPECT_NE(version("trace: {quiet: 5s}\n"), version("trace: {quiet: 6s}\n"));
  EXPECT_NE(version(""), version("detectors: [{name: error_rate, half_life: 100}]\n"));
}

TEST(Version, IsTheSameForProcessesThatShareTheWork) {
  EXPECT_EQ(
      load("kafka: {brokers: [a], instance: one}\nhttp: {port: 1}\nlog: {level: debug}\n").config.detect.config_version,
      load("kafka: {brokers: [b], instance: two}\nhttp: {port: 2}\nlog: {level: error}\n")
          .config.detect.config_version);
}

}  // namespace
}  // namespace tidewatch
