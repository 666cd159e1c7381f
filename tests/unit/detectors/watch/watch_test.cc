#include "detectors/watch/watch.h"

#include <gtest/gtest.h>

#include <limits>

#include "detectors/detect/registry.h"
#include "detectors/watch/plain_value.h"
#include "detectors/watch/sampling_interval.h"

namespace tidewatch {
namespace {

constexpr Duration kFiveMinutes = std::chrono::minutes(5);

Watch watch_of(std::string_view name, const DetectorSettings& settings) {
  return Watch(make_detector(name, settings).value());
}

Watched judge(Watch& watch, int index, double value) {
  const Observation seen = plain_value(MeasureKind::distribution, value);
  Window window;
  window.start = Timestamp(index * kFiveMinutes);
  window.width = kFiveMinutes;
  window.observations = {&seen, 1};
  AlertRule rule;
  rule.name = "rule";
  rule.needs = {10, 0.1, 0};
  rule.for_windows = 2;
  return watch.judge(window, {}, rule, "series");
}

double quiet(int index) { return 100 + index % 7; }

TEST(Watch, AlertsOnceAndLearnsTheDeviationAsAnomalous) {
  Watch watch = watch_of("point", {{"season", "false"}});
  for (int i = 0; i < 200; ++i) {
    const Watched seen = judge(watch, i, quiet(i));
    EXPECT_FALSE(seen.transition || seen.decision.anomalous) << i;
  }
  EXPECT_FALSE(judge(watch, 200, 300).is_firing);  // for_windows
  const Watched second = judge(watch, 201, 300);
  ASSERT_TRUE(second.transition);
  EXPECT_EQ(second.transition->kind, Transition::Kind::fired);
  EXPECT_TRUE(second.is_firing && second.decision.anomalous);
  EXPECT_GT(anomaly_score(second.verdict.surprise, second.needs), 0.5);
  EXPECT_FALSE(judge(watch, 202, 300).transition);
}

TEST(Watch, NeedsWhatItsDetectorNeeds) {
  Watch watch = watch_of("threshold", {{"above", "200"}});
  EXPECT_EQ(judge(watch, 0, 100).needs.effect, 0) << "a limit of people asks for no effect";
  EXPECT_EQ(judge(watch, 1, 100).needs.surprise, 1);
}

TEST(Watch, RestoredGoesOnAsIfNothingHadHappened) {
  Watch original = watch_of("point", {});
  int index = 0;
  for (; index < 200; ++index) judge(original, index, quiet(index));
  judge(original, index++, 300);  // pending
  ByteWriter saved;
  original.save(saved);
  Watch restored = watch_of("point", {});
  ByteReader in(saved.bytes());
  ASSERT_TRUE(restored.load(in).ok());
  EXPECT_TRUE(in.at_end());
  for (const double value : {300.0, 310.0, 100.0, 101.0}) {
    const Watched a = judge(original, index, value);
    const Watched b = judge(restored, index++, value);
    EXPECT_EQ(a.verdict.surprise, b.verdict.surprise);
    EXPECT_EQ(a.transition.has_value(), b.transition.has_value());
    EXPECT_EQ(a.is_firing, b.is_firing);
  }
  ByteReader cut(std::string_view(saved.bytes()).substr(0, 20));
  EXPECT_FALSE(restored.load(cut).ok());
}

TEST(PlainValue, IsOneObservationUnlessItCounts) {
  EXPECT_EQ(plain_value(MeasureKind::distribution, 0.5).n, 1);
  EXPECT_EQ(plain_value(MeasureKind::sum, 40).n, 40);
  EXPECT_EQ(plain_value(MeasureKind::sum, 40).events, 40);
  EXPECT_EQ(plain_value(MeasureKind::sum, 0).n, 1) << "nothing happened, which is known";
  EXPECT_TRUE(plain_value(MeasureKind::sum, std::numeric_limits<double>::quiet_NaN()).missing());
  EXPECT_TRUE(plain_value(MeasureKind::distribution, std::numeric_limits<double>::infinity()).missing());
}

TEST(SamplingInterval, IsTheMedianDistanceSoFar) {
  using std::chrono::minutes;
  SamplingInterval interval;
  Timestamp now{};
  EXPECT_EQ(interval.next(now), minutes(5)) << "a guess";
  EXPECT_EQ(interval.next(now += minutes(1)), minutes(1));
  EXPECT_EQ(interval.next(now += minutes(1)), minutes(1));
  EXPECT_EQ(interval.next(now += minutes(600)), minutes(1)) << "a gap";
  EXPECT_EQ(interval.next(now), minutes(1)) << "two rows of one moment";
  EXPECT_EQ(interval.next(now - minutes(5)), minutes(1)) << "backwards";
}

TEST(SamplingInterval, IsKept) {
  SamplingInterval interval;
  for (int i = 0; i < 5; ++i) interval.next(Timestamp(i * kFiveMinutes));
  ByteWriter out;
  interval.save(out);
  SamplingInterval restored;
  ByteReader in(out.bytes());
  ASSERT_TRUE(restored.load(in));
  EXPECT_EQ(restored.next(Timestamp(5 * kFiveMinutes)), kFiveMinutes);
  ByteReader cut(std::string_view(out.bytes()).substr(0, 30));
  EXPECT_FALSE(restored.load(cut));
}

}  // namespace
}  // namespace tidewatch
