#include <gmock/gmock.h>

#include "app/rule_test/run_test.h"
#include "tests/unit/app/command_run.h"
#include "tests/unit/app/config/loading.h"

namespace tidewatch {
namespace {

using app_test::run_command;
using app_test::written;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// A limit that needs no learning: what it says follows from the values alone.
constexpr const char* kConfig = R"(config:
  entities: [[service], [service, endpoint]]
  detectors:
    - {name: failing, measure: error_rate, detector: threshold, above: 10%, window: 5m, alert: {for: 2, resolve_after: 2}}
    - {name: slow, measure: latency_p95, detector: threshold, above: 2, window: 5m}
    - {name: busy, measure: requests, detector: threshold, above: 500, window: 5m}
    - {name: crowded, measure: users, detector: threshold, above: 30, window: 5m}
    - {name: costly, measure: cost, detector: threshold, above: 3, window: 5m}
    - {name: point_off, measure: error_rate, detector: point, enabled: false}
tests:
)";

/// Only the rules above.
std::string config_of_limits() {
  std::string defaults;
  for (const auto& rule : default_rules()) defaults += "    - {name: " + rule.name + ", enabled: false}\n";
  std::string out = kConfig;
  out.insert(out.find("    - {name: failing"), defaults);
  return out;
}

RuleTestResult result_of(const std::string& test) {
  const auto loaded = load_rule_tests("a.test.yaml", config_of_limits() + test, test_environment());
  EXPECT_TRUE(loaded.ok()) << to_string(loaded.errors[0]);
  if (!loaded.ok() || loaded.tests.tests.empty()) return {};
  return run_rule_test(loaded.tests.config, loaded.tests.tests[0]);
}

std::vector<std::string> failures_of(const std::string& test) {
  std::vector<std::string> out;
  for (const auto& failure : result_of(test).failures) out.push_back(failure.message + " | " + failure.detail);
  return out;
}

std::string test_of(const std::string& series, const std::string& alerts) {
  return "  - name: a\n    series: [" + series + "]\n    " + alerts + "\n";
}
const std::string kFailing =
    "{labels: {service: shop}, measure: error_rate, n: 100, values: '1% x 6, 20% x 3, 1% x 6'}";

TEST(RuleTest, WhatIsExpectedAndHappensIsNoFailure) {
  EXPECT_THAT(failures_of(test_of(kFailing,
                                  "alerts: [{rule: failing, labels: {service: shop}, after: 40m, by: 40m}, "
                                  "{rule: failing, state: resolved, after: 55m, by: 55m}]")),
              IsEmpty())
      << "over 10 % from 30 min on, two windows in a row at 40 min; calm from 45 min on, twice at 55 min";
}

TEST(RuleTest, AnAlertAtAnotherTimeIsMissedAndNotExpected) {
  EXPECT_THAT(failures_of(test_of(kFailing, "alerts: [{rule: failing, by: 35m}]")),
              ElementsAre(AllOf(HasSubstr("expected an alert of failing by 35m"),
                                HasSubstr("there was failing on {service: shop} fired at 40m")),
                          HasSubstr("not expected: failing on {service: shop} fired at 40m")));
}

TEST(RuleTest, WithoutAnAlertTheNearestVerdictSaysWhatItLacked) {
  EXPECT_THAT(
      failures_of(test_of("{labels: {service: shop}, measure: error_rate, n: 100, values: '1% x 6, 20%, 1% x 6'}",
                          "alerts: [{rule: failing}]")),
      ElementsAre(AllOf(HasSubstr("none fired; nearest at 35m"), HasSubstr("not for 2 windows in a row"))));
  EXPECT_THAT(failures_of(test_of("{labels: {service: shop}, measure: error_rate, n: 4, values: 50%}",
                                  "alerts: [{rule: failing}]")),
              ElementsAre(HasSubstr("4 observations < min_count 10")));
  EXPECT_THAT(
      failures_of(test_of("{labels: {service: shop}, measure: cost, values: 1 x 3}", "alerts: [{rule: failing}]")),
      ElementsAre(HasSubstr("judged nothing")));
}

TEST(RuleTest, NoneMeansNone) {
  EXPECT_THAT(failures_of(test_of(kFailing, "alerts: none")), ElementsAre(HasSubstr("not expected: failing")));
  EXPECT_THAT(failures_of(test_of(kFailing, "alerts: none\n    others: allowed")), IsEmpty());
  EXPECT_THAT(failures_of(test_of(kFailing, "alerts: none\n    others: allowed\n    absent: [{rule: failing}]")),
              ElementsAre(HasSubstr("must be absent: failing")));
}

TEST(RuleTest, RequestsOfAnEndpointAreItsServicesToo) {
  const std::string half = "measure: requests, values: 300 x 3}";
  const auto result = result_of(
      test_of("{labels: {service: shop, endpoint: /a}, " + half + ", {labels: {service: shop, endpoint: /b}, " + half,
              "alerts: [{rule: busy, labels: {service: shop}}]"));
  ASSERT_EQ(result.alerts.size(), 1U) << "600 requests of the service, 300 of each endpoint";
  EXPECT_EQ(result.alerts[0].labels().size(), 1U);
  EXPECT_DOUBLE_EQ(result.alerts[0].value(), 600);
}

TEST(RuleTest, ValuesOfEveryKindAreWhatIsMeasured) {
  const auto value_of = [](const std::string& series, const std::string& rule) {
    const auto result = result_of(test_of(series, "alerts: [{rule: " + rule + "}]"));
    EXPECT_TRUE(result.ok()) << (result.failures.empty() ? "" : result.failures[0].detail);
    return result.alerts.empty() ? 0 : result.alerts[0].value();
  };
  EXPECT_NEAR(value_of("{labels: {service: a}, measure: latency_p95, n: 400, values: 3 x 2}", "slow"), 3, 0.1);
  EXPECT_NEAR(value_of("{labels: {service: a}, measure: users, values: 40 x 2}", "crowded"), 40, 1);
  EXPECT_NEAR(value_of("{labels: {service: a}, measure: cost, n: 7, values: 4 USD x 2}", "costly"), 4, 1e-9);
  EXPECT_DOUBLE_EQ(value_of("{labels: {service: a}, measure: error_rate, n: 40, values: 20% x 3}", "failing"), 0.2);
}

TEST(RuleTest, TheSameTestGivesTheSameAlertsWithNoiseToo) {
  const std::string noisy = test_of(
      "{labels: {service: shop}, measure: error_rate, n: 80, sampled: true, noise: 20%, values: 'normal(0.1, 0.03) x "
      "60'}",
      "alerts: none\n    others: allowed");
  const auto first = result_of(noisy);
  const auto second = result_of(noisy);
  ASSERT_FALSE(first.alerts.empty());
  ASSERT_EQ(first.alerts.size(), second.alerts.size());
  for (size_t i = 0; i < first.alerts.size(); ++i)
    EXPECT_EQ(first.alerts[i].SerializeAsString(), second.alerts[i].SerializeAsString());
}

TEST(RuleTest, MissingDataIsMissing) {
  const auto result =
      result_of(test_of("{labels: {service: shop}, measure: error_rate, n: 100, values: [20%, _ x 3, 20%]}",
                        "alerts: none\n    others: allowed"));
  ASSERT_FALSE(result.alerts.empty()) << "two windows with data in a row";
  EXPECT_EQ(
      as_expectation(result.alerts[0], Timestamp(std::chrono::sys_days(std::chrono::year(2026) / 3 / 2))),
      "{rule: failing, labels: {service: shop}, severity: " + result.alerts[0].severity() + ", after: 25m, by: 25m}");
}

TEST(TestCommand, TellsEachTestAndEndsWithOneWhenOneFails) {
  const auto good = written("good.test.yaml", config_of_limits() + test_of(kFailing, "alerts: [{rule: failing}]"));
  const auto bad = written("bad.test.yaml", config_of_limits() + test_of(kFailing, "alerts: none"));
  const auto passed = run_command({"test", good});
  EXPECT_EQ(passed.exit, Exit::ok) << passed.out << passed.err;
  EXPECT_THAT(passed.out, AllOf(HasSubstr("  ok      a ("), HasSubstr("1 test, 0 failed")));
  const auto failed = run_command({"test", good, bad, "--show-alerts"});
  EXPECT_EQ(failed.exit, Exit::finding);
  EXPECT_THAT(failed.out, AllOf(HasSubstr("  FAILED  a ("), HasSubstr("bad.test.yaml:"), HasSubstr("2 tests, 1 failed"),
                                HasSubstr("- {rule: failing, labels: {service: shop}, severity: ")));
  EXPECT_EQ(run_command({"test", good, "--only", "b"}).exit, Exit::usage);
}

TEST(TestCommand, ABadFileIsABadConfig) {
  const auto bad = written("bad.test.yaml", "tests: [{name: a}]\n");
  const auto outcome = run_command({"test", bad});
  EXPECT_EQ(outcome.exit, Exit::bad_config);
  EXPECT_THAT(outcome.err, HasSubstr("bad.test.yaml:1:9: tests[0]: needs series"));
  EXPECT_EQ(run_command({"test", "/nowhere.yaml"}).exit, Exit::bad_config);
}

}  // namespace
}  // namespace tidewatch
