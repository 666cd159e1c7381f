#include "app/rule_test/test_file.h"

#include <gmock/gmock.h>

#include "tests/unit/app/command_run.h"
#include "tests/unit/app/config/loading.h"

namespace tidewatch {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

LoadedRuleTests load_tests(const std::string& yaml) {
  return load_rule_tests("some.test.yaml", yaml, test_environment());
}

std::vector<std::string> errors_in(const std::string& yaml) {
  std::vector<std::string> out;
  for (const auto& error : load_tests(yaml).errors) out.push_back(to_string(error));
  return out;
}

constexpr const char* kGood = R"(config:
  entities: [[service], [service, endpoint]]
  detectors: [{name: slow, measure: latency_p95, detector: threshold, above: 2, window: 10m}]
tests:
  - name: latency rises
    start: 2026-03-03T00:00:00Z
    step: 10m
    seed: 7
    series:
      - labels: {service: shop, endpoint: /chat}
        measure: latency_p95
        n: 50
        noise: 5%
        values: [1 x 12, 3 x 3]
      - {labels: {service: shop}, measure: finish_reasons, categories: {stop: 90 x 12, length: [10 x 6, 12 x 6]}}
    alerts:
      - {rule: slow, labels: {service: shop}, severity: ticket, state: resolved, after: 2h, by: 2h30m}
    absent: [{measure: cost}]
    others: allowed
)";

TEST(RuleTestFile, EveryKeyComesThrough) {
  const auto loaded = load_tests(kGood);
  ASSERT_TRUE(loaded.ok()) << to_string(loaded.errors[0]);
  ASSERT_EQ(loaded.tests.tests.size(), 1U);
  const RuleTest& test = loaded.tests.tests[0];
  EXPECT_EQ(test.name, "latency rises");
  EXPECT_EQ(test.start, Timestamp(std::chrono::sys_days(std::chrono::year(2026) / 3 / 3)));
  EXPECT_EQ(test.step, 10min);
  EXPECT_EQ(test.seed, 7U);
  EXPECT_TRUE(test.are_others_allowed);
  ASSERT_EQ(test.series.size(), 2U);
  const TestSeries& series = test.series[0];
  EXPECT_THAT(series.labels, ElementsAre(Pair("service", "shop"), Pair("endpoint", "/chat")));
  EXPECT_EQ(series.measure, "latency_p95");
  EXPECT_EQ(series.n, 50);
  EXPECT_DOUBLE_EQ(series.noise, 0.05);
  ASSERT_EQ(series.parts.size(), 1U);
  EXPECT_EQ(steps_of(series.parts[0].second), 15U);
  ASSERT_EQ(test.series[1].parts.size(), 2U);
  EXPECT_EQ(test.series[1].parts[1].first, "length");
  ASSERT_EQ(test.alerts.size(), 1U);
  const ExpectedAlert& alert = test.alerts[0];
  EXPECT_EQ(alert.rule, "slow");
  EXPECT_TRUE(alert.is_resolved);
  EXPECT_EQ(alert.severity, Severity::ticket);
  EXPECT_EQ(alert.after, 2h);
  EXPECT_EQ(alert.by, 2h + 30min);
  EXPECT_EQ(alert.line, 17);
  EXPECT_EQ(test.absent.size(), 1U);
}

/// One test with these lines in it.
std::string with(const std::string& series, const std::string& rest = "    alerts: none\n") {
  return "tests:\n  - name: a\n    series:\n      - " + series + "\n" + rest;
}
const std::string kSeries = "{labels: {service: shop}, measure: error_rate, values: 0.1 x 3}";

TEST(RuleTestFile, WhatIsWrongIsToldWithItsPlaceAndTheNearestName) {
  EXPECT_THAT(errors_in(with(kSeries)), IsEmpty());
  EXPECT_THAT(errors_in(with("{labels: {service: shop}, measure: eror_rate, values: 1}")),
              ElementsAre(HasSubstr("some.test.yaml:4:44: tests[0].series[0].measure: \"eror_rate\" is no measure; did "
                                    "you mean \"error_rate\"?")));
  EXPECT_THAT(
      errors_in(with("{labels: {srvice: shop}, measure: error_rate, values: 1}")),
      Contains(HasSubstr("some.test.yaml:4:27: tests[0].series[0].labels.srvice: \"srvice\" is no label; did you "
                         "mean \"service\"?")));
  EXPECT_THAT(errors_in(with("{labels: {endpoint: /chat}, measure: error_rate, values: 1}")),
              ElementsAre(HasSubstr("labels: make up no entity; the config watches [service], ")));
  EXPECT_THAT(errors_in(with("{labels: {service: shop}, measure: error_rate, values: 0.1 y 3}")),
              ElementsAre(HasSubstr("some.test.yaml:4:64: tests[0].series[0].values: has a part \"0.1 y 3\"")));
  EXPECT_THAT(errors_in(with("{labels: {service: shop}, measure: error_rate, values: 0.1 x 3, 0.2 x 3}")),
              ElementsAre(HasSubstr("some.test.yaml:4:73: tests[0].series[0].0.2 x 3: is a part of values")));
  EXPECT_THAT(errors_in(with("{labels: {service: shop}, measure: error_rate}")),
              ElementsAre(HasSubstr("needs values")));
  EXPECT_THAT(errors_in(with("{labels: {service: shop}, measure: models, values: 1}")),
              ElementsAre(HasSubstr("\"models\" needs categories")));
  EXPECT_THAT(errors_in(with("{labels: {service: shop}, measure: score_*, values: 1}")),
              ElementsAre(HasSubstr("is a pattern")));
  EXPECT_THAT(errors_in(with(kSeries, "")), ElementsAre(HasSubstr("needs alerts")));
  EXPECT_THAT(errors_in(with(kSeries, "    alerts: []\n")),
              ElementsAre(HasSubstr("write none when no alert may fire")));
  EXPECT_THAT(errors_in(with(kSeries, "    alerts: [{rule: eror_rate}]\n")),
              ElementsAre(HasSubstr("some.test.yaml:5:21: tests[0].alerts[0].rule: \"eror_rate\" is no rule; did you "
                                    "mean \"error_rate\"?")));
  EXPECT_THAT(errors_in(with(kSeries, "    alerts: [{after: 2h, by: 1h}]\n")),
              ElementsAre(HasSubstr("by: is before after")));
  EXPECT_THAT(errors_in(with(kSeries, "    alerts: none\n    every: 5m\n")),
              ElementsAre(HasSubstr("every: write step")));
  EXPECT_THAT(errors_in(with(kSeries, "    alerts: none\n    step: 90s\n")),
              ElementsAre(HasSubstr("step: 1m30s is not a multiple of the pane, 1m")));
  EXPECT_THAT(errors_in(with(kSeries, "    alerts: none\n    start: 2026-03-03T00:01:00Z\n")),
              ElementsAre(HasSubstr("start: is no multiple of the step")));
  EXPECT_THAT(errors_in("test: []\n"), Contains(HasSubstr("test: unknown key; did you mean \"tests\"?")));
  EXPECT_THAT(errors_in("tests: [\n"), ElementsAre(HasSubstr("not YAML")));
  EXPECT_THAT(errors_in(""), ElementsAre(HasSubstr("needs tests")));
}

TEST(RuleTestFile, ErrorsOfAConfigInTheFileHaveItsPlaces) {
  EXPECT_THAT(errors_in("config:\n  detectors:\n    - {name: a, measur: cost}\n" + with(kSeries)),
              Contains(HasSubstr("some.test.yaml:3:17: detectors.a.measur: unknown key; did you mean \"measure\"?")));
}

TEST(RuleTestFile, TheConfigOfAFileIsLookedForInTheFoldersOfTheTests) {
  app_test::written("one.yaml", "detectors: [{name: mine, measure: cost, detector: point}]\n");
  const auto path =
      app_test::written("one.test.yaml", "config: one.yaml\n" + with(kSeries, "    alerts: [{rule: mine}]\n"));
  const auto loaded = load_rule_tests(path);
  EXPECT_TRUE(loaded.ok()) << to_string(loaded.errors[0]);
  const auto lost = load_rule_tests(app_test::written("two.test.yaml", "config: two.yaml\n" + with(kSeries)));
  ASSERT_EQ(lost.errors.size(), 1U);
  EXPECT_THAT(to_string(lost.errors[0]), HasSubstr("two.test.yaml:1:9: config: the file "));
  app_test::written("bad.yaml", "detectors: [{name: mine, measure: cst, detector: point}]\n");
  const auto bad = load_rule_tests(app_test::written("bad.test.yaml", "config: bad.yaml\n" + with(kSeries)));
  ASSERT_EQ(bad.errors.size(), 1U);
  EXPECT_THAT(to_string(bad.errors[0]), HasSubstr("bad.yaml:1:35: detectors.mine.measure: \"cst\" is no measure"));
}

}  // namespace
}  // namespace tidewatch
