#include <gtest/gtest.h>

#include "unit/detectors/baseline/learner.h"
#include "unit/detectors/detect/playback.h"

namespace tidewatch::testing {
namespace {

constexpr double kSunday = 0.4;  ///< of the traffic of a working day

double busy(size_t index) { return 300 * daily(index, 0.7) * (index / kDay % 7 >= 5 ? kSunday : 1.0); }

/// The most surprising window of a Wednesday on which people behave as on a Sunday, after three weeks.
double most_surprising_of_a_free_wednesday(bool is_known_as_holiday) {
  Playback run;
  Traffic traffic(1);
  for (size_t i = 0; i < 23 * kDay; ++i) run.pass(traffic.count_window(busy(i), 0.05));
  double most = 0;
  for (size_t i = 0; i < kDay; ++i) {
    const Observation seen = traffic.count_window(kSunday * busy(run.index), 0.05);
    Window window = window_at(run.index++, {&seen, 1});
    window.season.holiday = is_known_as_holiday;
    const Verdict verdict = run.detector->score(window, {.direction = Direction::either});
    run.detector->learn(window, {.anomalous = verdict.surprise >= kAlertBits});
    most = std::max(most, verdict.surprise);
  }
  return most;
}

TEST(Holiday, IsNoAlarmWhereItIsOneWithoutTheCalendar) {
  EXPECT_GT(most_surprising_of_a_free_wednesday(false), kAlertBits);
  EXPECT_LT(most_surprising_of_a_free_wednesday(true), 14);  // the largest of 288 null windows is near 8 bits
}

/// Six weeks whose Wednesdays are holidays with an eighth of the traffic of a working day, from the third week on.
struct Weeks {
  static constexpr double kHoliday = 0.125;
  Learner learner;
  Weeks() {
    Traffic traffic(2);
    learner.params.half_life = 4000;
    while (learner.index < 42 * kDay) {
      const bool is_free = holiday();
      learner.baseline.learn(learner.params, traffic.count_window((is_free ? kHoliday : 1) * busy(learner.index), 0.05),
                             slot(), kFiveMinutes, {});
      ++learner.index;
    }
  }
  bool holiday() const { return learner.index >= 14 * kDay && learner.index / kDay % 7 == 2; }
  SeasonSlot slot() const {
    SeasonSlot out = learner.slot();
    out.holiday = holiday();
    return out;
  }
  double expected(size_t day, bool is_holiday) {
    learner.index = (42 + day) * kDay + 14 * 12;
    SeasonSlot at = learner.slot();
    at.holiday = is_holiday;
    return learner.baseline.predict(learner.params, count(1), at).expected / (300 * daily(learner.index, 0.7));
  }
};

TEST(Holiday, ThatIsUnlikeSundaysIsLearntAndTheyStayWhatTheyAre) {
  Weeks weeks;
  EXPECT_NEAR(weeks.expected(2, true), Weeks::kHoliday, 0.04);
  EXPECT_NEAR(weeks.expected(4, true), Weeks::kHoliday, 0.04) << "whichever weekday it is";
  EXPECT_NEAR(weeks.expected(6, false), kSunday, 0.06);
  EXPECT_NEAR(weeks.expected(2, false), 1, 0.15) << "a Wednesday on which people work";
}

TEST(Holiday, IsRememberedAfterARestartAndCostsLittle) {
  Weeks weeks;
  ByteWriter out;
  weeks.learner.baseline.save(out);
  const double before = weeks.expected(2, true);
  Baseline restored;
  ByteReader in(out.bytes());
  ASSERT_TRUE(restored.load(in));
  weeks.learner.baseline = restored;
  EXPECT_EQ(weeks.expected(2, true), before);
  EXPECT_EQ(restored.memory_bytes(), weeks.learner.baseline.memory_bytes());

  Learner without;
  without.pass(count(100));
  EXPECT_EQ(restored.memory_bytes() - without.baseline.memory_bytes(), 192);
  EXPECT_LT(without.baseline.memory_bytes(), 1900) << "a million series have to fit in 4 GB";
}

TEST(Holiday, TheFirstOneIsASundayThatIsLessCertain) {
  Learner learner;
  Traffic traffic(3);
  while (learner.index < 21 * kDay) learner.pass(traffic.count_window(busy(learner.index), 0.05));
  learner.index = 23 * kDay + 14 * 12;
  const Prediction holiday = learner.baseline.predict(learner.params, count(1), {14, 2, true});
  const Prediction sunday = learner.baseline.predict(learner.params, count(1), {14, 6, false});
  EXPECT_DOUBLE_EQ(holiday.location, sunday.location);
  EXPECT_GT(holiday.level_variance, sunday.level_variance);
}

}  // namespace
}  // namespace tidewatch::testing
