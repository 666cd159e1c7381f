// Every detector claims probabilities: on windows in which nothing ever happens, b bits must be seen once in 2^b.
#include <gtest/gtest.h>

#include "sample_share.h"
#include "unit/detectors/detect/null_models.h"

namespace tidewatch::testing {
namespace {

class Calibration : public ::testing::TestWithParam<NullModel> {};

/// Windows beyond b bits, and how many separate excursions they make.
struct Exceedances {
  double windows = 0;
  double excursions = 0;
  bool was_beyond = false;
  void note(bool is_beyond) {
    windows += is_beyond ? 1 : 0;
    excursions += is_beyond && !was_beyond ? 1 : 0;
    was_beyond = is_beyond;
  }
};

TEST_P(Calibration, BitsAreAsRareAsTheySay) {
  const NullModel& model = GetParam();
  constexpr int kBits[] = {3, 5, 7, 9};
  constexpr size_t kFrom = 7 * kDay;  // a week to learn; what is claimed before is tested below
  constexpr size_t kTo = 21 * kDay;
  Exceedances beyond[4];
  double windows = 0;
  for (uint64_t seed = 1; seed <= sampled(40, 2); ++seed) {
    NullPlayback run(model, seed);
    while (run.index < kTo) {
      const Verdict verdict = run.pass();
      if (run.index <= kFrom || verdict.judgement != Judgement::scored) continue;
      windows += 1;
      for (int i = 0; i < 4; ++i) beyond[i].note(verdict.surprise >= kBits[i]);
    }
  }
  for (int i = 0; i < 4; ++i) {
    const double expected = windows * std::exp2(-kBits[i]);
    // Excursions are nearly independent, so their number is nearly Poisson; an excursion lasts windows / excursions
    // windows. Four standard deviations of that are chance.
    const double length = std::max(1.0, beyond[i].windows / std::max(beyond[i].excursions, 1.0));
    const double chance = 4 * std::sqrt(expected * length) + 3;
    const double ratio = beyond[i].windows / expected;
    RecordProperty(fmt::format("ratio_at_{}_bits", kBits[i]), fmt::format("{:.2f}", ratio));
    std::printf("%s: %d bits: %.0f of %.0f windows, %.2f of what is claimed\n", model.name.c_str(), kBits[i],
                beyond[i].windows, windows, ratio);
    EXPECT_LE(beyond[i].windows, model.most * expected + chance) << kBits[i] << " bits";
    EXPECT_GE(beyond[i].windows, model.least * expected - chance) << kBits[i] << " bits";
  }
}

TEST_P(Calibration, YoungSeriesDoNotAlarm) {
  // 100 series in their first two days: 57,600 windows, so 0.3 alarms at the threshold by chance.
  size_t alarms = 0;
  for (uint64_t seed = 1; seed <= sampled(100, 5); ++seed) {
    NullPlayback run(GetParam(), 1000 + seed);
    while (run.index < 2 * kDay) {
      const Verdict verdict = run.pass();
      alarms += verdict.judgement == Judgement::scored && verdict.surprise >= kAlertBits ? 1 : 0;
    }
  }
  EXPECT_LE(alarms, 3U);
}

std::vector<NullModel> models_with_a_null() {
  std::vector<NullModel> models = null_models();
  std::erase_if(models, [](const NullModel& model) { return !model.has_null; });
  return models;
}
INSTANTIATE_TEST_SUITE_P(Registry, Calibration, ::testing::ValuesIn(models_with_a_null()), test_name);

}  // namespace
}  // namespace tidewatch::testing
