#include <gtest/gtest.h>

#include <functional>

#include "unit/detectors/detect/playback.h"

namespace tidewatch::testing {
namespace {

/// Windows of a kind at `level` times its usual level, large enough for each of them to alarm.
struct Kind {
  const char* name;
  std::function<Observation(Traffic&, double level)> window;
};
void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.name; }

constexpr size_t kAdaptAfter = 288;
constexpr double kNewLevel = 2.5;

class LevelChange : public ::testing::TestWithParam<Kind> {
 protected:
  Playback run_;
  Traffic traffic_{11};

  Verdict pass(double level) { return run_.pass(GetParam().window(traffic_, level)); }
  void pass_days(size_t days, double level) {
    for (size_t i = 0; i < days * kDay; ++i) pass(level);
  }
  /// Of the interval shown for two days, and no window of them alarms.
  double coverage(double level) {
    double covered = 0;
    for (size_t i = 0; i < 2 * kDay; ++i) {
      const Verdict verdict = pass(level);
      covered += verdict.expected_low <= verdict.value && verdict.value <= verdict.expected_high;
      EXPECT_LT(verdict.surprise, kAlertBits) << "window " << i;
    }
    return covered / (2 * kDay);
  }
};

TEST_P(LevelChange, ThatStaysIsNormalAfterItsTimeAndNotBefore) {
  pass_days(7, 1);
  size_t alarms = 0;
  size_t last_alarm = 0;
  for (size_t i = 1; i <= 2 * kAdaptAfter; ++i)
    if (pass(kNewLevel).surprise >= kAlertBits) {
      ++alarms;
      last_alarm = i;
    }
  EXPECT_GE(last_alarm, 0.9 * kAdaptAfter) << "it was swallowed";
  EXPECT_LE(last_alarm, 1.25 * kAdaptAfter) << "windows that do not alarm are not counted";
  EXPECT_GT(alarms, 0.8 * kAdaptAfter);
  EXPECT_NEAR(coverage(kNewLevel), 0.95, 0.03);
}

TEST_P(LevelChange, ThatIsConfirmedIsNormalAtOnce) {
  pass_days(7, 1);
  for (size_t i = 0; i < 6; ++i) EXPECT_GT(pass(kNewLevel).surprise, kAlertBits);
  const Observation seen = GetParam().window(traffic_, kNewLevel);
  run_.detector->learn(window_at(run_.index++, {&seen, 1}), {.confirmed_normal = true});
  EXPECT_NEAR(coverage(kNewLevel), 0.95, 0.03);
}

TEST_P(LevelChange, ThatPassesLeavesTheLevelWhereItWas) {
  pass_days(7, 1);
  const double before = run_.look(GetParam().window(traffic_, 1)).expected;
  size_t alarms = 0;
  for (size_t i = 0; i < kAdaptAfter / 2; ++i) alarms += pass(kNewLevel).surprise >= kAlertBits;
  EXPECT_GT(alarms, 0.85 * kAdaptAfter / 2) << "it was swallowed";
  EXPECT_NEAR(run_.look(GetParam().window(traffic_, 1)).expected / before, 1, 0.1);
  EXPECT_NEAR(coverage(1), 0.95, 0.03);
}

TEST_P(LevelChange, ThatComesAndGoesNeverBecomesNormal) {
  pass_days(7, 1);
  size_t alarms = 0;
  for (size_t i = 0; i < 4 * kDay; ++i) {
    const bool is_bad = i / 24 % 2 == 0;  // two hours in four
    alarms += (pass(is_bad ? kNewLevel : 1).surprise >= kAlertBits) && is_bad;
  }
  EXPECT_GT(alarms, 0.8 * 2 * kDay);
}

const auto kKinds = ::testing::Values(
    Kind{"rate", [](Traffic& traffic, double level) { return traffic.rate_window(0.05 * level, 1500, 0.1); }},
    Kind{"sum", [](Traffic& traffic, double level) { return traffic.count_window(150 * level, 0.1); }},
    Kind{"mean", [](Traffic& traffic, double level) { return traffic.value_window(1.2 * level, 300, 1, 0.05); }},
    Kind{"plain",
         [](Traffic& traffic, double level) { return mean(100 * level * std::exp(0.1 * traffic.normal()), 0, 1); }});
std::string name_of_kind(const ::testing::TestParamInfo<Kind>& tested) { return tested.param.name; }
INSTANTIATE_TEST_SUITE_P(Kinds, LevelChange, kKinds, name_of_kind);

TEST(NewLevel, IsNotSetBySingleExtremes) {
  Playback run;
  Traffic traffic(12);
  const auto plain = [&](double level) { return mean(level * std::exp(0.05 * traffic.normal()), 0, 1); };
  for (size_t i = 0; i < 7 * kDay; ++i) run.pass(plain(100));
  // It falls to 20, and every eighth window shows 100 times as much as ever.
  for (size_t i = 0; i < 2 * kDay; ++i) run.pass(plain(i % 8 == 5 ? 10'000 : 20));
  EXPECT_NEAR(run.look(plain(20)).expected, 20, 2);
}

TEST(NewLevel, ThatVariesMoreIsKnownToDoSo) {
  Playback run;
  Traffic traffic(13);
  const auto plain = [&](double level, double spread) {
    return mean(level * std::exp(spread * traffic.normal()), 0, 1);
  };
  for (size_t i = 0; i < 7 * kDay; ++i) run.pass(plain(100, 0.03));
  for (size_t i = 0; i < kDay + kDay / 2; ++i) run.pass(plain(200, 0.2));
  double covered = 0;
  for (size_t i = 0; i < kDay; ++i) {
    const Verdict verdict = run.pass(plain(200, 0.2));
    covered += verdict.expected_low <= verdict.value && verdict.value <= verdict.expected_high;
  }
  EXPECT_NEAR(covered / kDay, 0.95, 0.04);
}

}  // namespace
}  // namespace tidewatch::testing
