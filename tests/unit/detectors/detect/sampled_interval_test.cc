// Intervals from samples hold what they say: 10,000 samplings of populations, some units of which are sought out.
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "detectors/detect/predictive.h"
#include "detectors/sketch/aggregate.h"
#include "detectors/sketch/bottom_k.h"
#include "sample_share.h"

namespace tidewatch {
namespace {

struct Unit {
  int stratum = 0;
  double rate = 0;  ///< at which it is drawn in any case
  double value = 0;
};

struct Plan {
  const char* name;
  MeasureKind kind;
  double random;         ///< share of all that is drawn
  size_t minimum;        ///< in each stratum
  double targeted;       ///< rate of those that are sought out; 0: none are
  size_t budget;         ///< 0: without
  double failure = 0.1;  ///< how often the others fail, where a rate is estimated
};
void PrintTo(const Plan& plan, std::ostream* out) { *out << plan.name; }

constexpr int kUnits = 4'000;
constexpr int kStrata = 4;

/// Strata of very different sizes and levels; one in twenty is sought out, and those are worse.
std::vector<Unit> population(const Plan& plan, std::mt19937_64& random) {
  std::vector<Unit> units;
  std::uniform_real_distribution<double> uniform;
  std::lognormal_distribution<double> spread(0, 0.5);
  for (int i = 0; i < kUnits; ++i) {
    const double where = uniform(random);
    const int stratum = where < 0.8 ? 0 : where < 0.95 ? 1 : where < 0.99 ? 2 : 3;
    const bool is_sought = plan.targeted > 0 && uniform(random) < 0.05;
    const double failure = (is_sought ? 5 : 1) * plan.failure * (1 + 0.3 * stratum);
    const double value = plan.kind == MeasureKind::rate ? (uniform(random) < failure ? 1 : 0)
                                                        : (is_sought ? 2 : 1) * (1 + 0.5 * stratum) * spread(random);
    units.push_back({stratum, std::max(plan.random, is_sought ? plan.targeted : 0), value});
  }
  return units;
}

Observation observed(const std::vector<Unit>& units, const Plan& plan, std::mt19937_64& random) {
  std::vector<BottomK<const Unit*>> strata(kStrata, BottomK<const Unit*>(plan.minimum));
  std::uniform_real_distribution<double> uniform(1e-12, 1);
  for (const Unit& unit : units)
    strata[static_cast<size_t>(unit.stratum)].offer({uniform(random), {}, unit.rate, &unit});
  BottomK<Drawn<const Unit*>> budget(plan.budget > 0 ? plan.budget : kUnits);
  Aggregate aggregate(plan.kind);
  const auto count = [&](const Unit& unit, double probability) {
    if (plan.kind == MeasureKind::rate)
      aggregate.add_trial(unit.value > 0, 1 / probability);
    else
      aggregate.add_value(unit.value, 1 / probability);
  };
  for (const auto& stratum : strata)
    for (const auto& drawn : stratum.draw()) {
      if (drawn.candidate.rate == 1)
        count(*drawn.candidate.payload, 1);  // always looked at
      else
        budget.offer({uniform(random), {}, 0, drawn});
    }
  for (const auto& kept : budget.draw())
    count(*kept.candidate.payload.candidate.payload, kept.candidate.payload.probability * kept.probability);
  return aggregate.observe();
}

class SampledInterval : public testing::TestWithParam<Plan> {};

// The population is drawn anew each time: the interval is of the rate or mean behind it, which is what windows are
// compared by.
TEST_P(SampledInterval, HoldsTheTruthInNineteenOfTwenty) {
  const Plan& plan = GetParam();
  std::mt19937_64 random(2026);
  double truth = 0;
  const auto populations = static_cast<int>(sampled(500));
  for (int i = 0; i < populations; ++i) {
    double sum = 0;
    for (const Unit& unit : population(plan, random)) sum += unit.value;
    truth += sum / kUnits / populations;
  }
  const auto runs = static_cast<int>(sampled(10'000));
  int holds = 0;
  double estimates = 0;
  double widths = 0;
  for (int run = 0; run < runs; ++run) {
    const Observation seen = observed(population(plan, random), plan, random);
    const Interval interval = confidence_interval(seen);
    holds += interval.low <= truth && truth <= interval.high ? 1 : 0;
    estimates += seen.value / runs;
    widths += (interval.high - interval.low) / runs;
  }
  const double coverage = static_cast<double>(holds) / runs;
  RecordProperty("coverage", std::to_string(coverage));
  RecordProperty("width", std::to_string(widths));
  if (!is_full_sample()) return;
  EXPECT_GE(coverage, 0.94);
  EXPECT_LE(coverage, 0.96);
  EXPECT_NEAR(estimates, truth, 0.02 * truth);
}

INSTANTIATE_TEST_SUITE_P(Plans, SampledInterval,
                         testing::Values(Plan{"random_rate", MeasureKind::rate, 0.05, 0, 0, 0},
                                         Plan{"stratified_rate", MeasureKind::rate, 0.02, 30, 0, 0},
                                         Plan{"targeted_rate", MeasureKind::rate, 0.05, 20, 1, 0},
                                         Plan{"targeted_in_part_rate", MeasureKind::rate, 0.03, 20, 0.4, 0},
                                         Plan{"targeted_rare_rate", MeasureKind::rate, 0.1, 20, 1, 0, 0.02},
                                         Plan{"budgeted_rate", MeasureKind::rate, 0.1, 20, 1, 200},
                                         Plan{"random_mean", MeasureKind::distribution, 0.05, 0, 0, 0},
                                         Plan{"stratified_mean", MeasureKind::distribution, 0.02, 30, 0, 0},
                                         Plan{"targeted_mean", MeasureKind::distribution, 0.05, 20, 1, 0},
                                         Plan{"budgeted_mean", MeasureKind::distribution, 0.1, 20, 0.5, 200}),
                         [](const auto& plan) { return plan.param.name; });

}  // namespace
}  // namespace tidewatch
