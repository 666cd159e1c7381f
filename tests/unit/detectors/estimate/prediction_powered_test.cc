#include "detectors/estimate/prediction_powered.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <functional>
#include <random>
#include <vector>

namespace tidewatch {
namespace {

constexpr int kRounds = 10'000;

using Random = std::mt19937_64;
double uniform(Random& random) { return static_cast<double>(random() >> 11) * 0x1.0p-53; }

/// A cheap score of an item, given its label.
using Score = std::function<double(Random&, double label)>;

const Score kWeak = [](Random& random, double label) { return 0.2 * label + 0.8 * uniform(random); };
const Score kStrong = [](Random& random, double label) { return 0.8 * label + 0.2 * uniform(random); };
const Score kBiased = [](Random& random, double label) { return 0.4 + 0.3 * label + 0.3 * uniform(random); };
const Score kAgainst = [](Random& random, double label) { return 1 - 0.5 * label - 0.5 * uniform(random); };
const Score kUseless = [](Random& random, double) { return uniform(random); };
/// Nearly always the same, now and then far from it: a few labelled items decide on lambda.
const Score kSkewed = [](Random& random, double label) { return std::pow(uniform(random), label > 0 ? 20 : 30); };
const Score kFlag = [](Random& random, double label) { return uniform(random) < 0.1 ? 1 - label : label; };
const Score kNearlyRight = [](Random& random, double label) { return uniform(random) < 0.03 ? 1 - label : label; };

struct Setting {
  double rate;
  size_t labelled;
  size_t items;
  const Score& score;
};

/// Mean and mean square of a score, where the label is 0 and where it is 1.
struct Law {
  std::array<double, 2> mean{};
  std::array<double, 2> square{};

  explicit Law(const Score& score) {
    Random random(99);
    constexpr int kItems = 1'000'000;
    for (const size_t label : {0, 1})
      for (int i = 0; i < kItems; ++i) {
        const double value = score(random, static_cast<double>(label));
        mean[label] += value / kItems;
        square[label] += value * value / kItems;
      }
  }
  double mean_at(double rate) const { return mean[0] + rate * (mean[1] - mean[0]); }
  double deviation_at(double rate) const {
    return std::sqrt(square[0] + rate * (square[1] - square[0]) - std::pow(mean_at(rate), 2));
  }
};

struct Simulated {
  double coverage = 0;
  double coverage_alone = 0;
  double squared_error = 0;  ///< of the estimate, over that of the labels alone
  double width = 0;          ///< over that of the labels alone
};

/// Items of which some are labelled. The mean score of the others is drawn from its normal law: of 500 scores and more
/// the difference from drawing each is far below what 10,000 rounds can show.
Simulated simulate(const Setting& setting, const Law& law) {
  const auto others = static_cast<double>(setting.items - setting.labelled);
  Random random(1);
  std::normal_distribution<double> mean_of_others(law.mean_at(setting.rate),
                                                  law.deviation_at(setting.rate) / std::sqrt(others));
  Simulated out;
  double error = 0;
  double error_alone = 0;
  double width = 0;
  double width_alone = 0;
  std::vector<LabelledItem> labelled(setting.labelled);
  for (int round = 0; round < kRounds; ++round) {
    double sum = mean_of_others(random) * others;
    for (LabelledItem& item : labelled) {
      item.label = uniform(random) < setting.rate ? 1 : 0;
      item.score = setting.score(random, item.label);
      sum += item.score;
    }
    const auto items = static_cast<double>(setting.items);
    const PredictionPowered estimate = *prediction_powered(labelled, {items, sum / items}, Estimand::rate);
    out.coverage += estimate.interval.contains(setting.rate) ? 1.0 / kRounds : 0;
    out.coverage_alone += estimate.labels_alone_interval.contains(setting.rate) ? 1.0 / kRounds : 0;
    error += std::pow(estimate.value - setting.rate, 2);
    error_alone += std::pow(estimate.labels_alone - setting.rate, 2);
    width += estimate.interval.width();
    width_alone += estimate.labels_alone_interval.width();
  }
  out.squared_error = error / error_alone;
  out.width = width / width_alone;
  return out;
}

Simulated simulate(const Setting& setting) { return simulate(setting, Law(setting.score)); }

struct Named {
  const char* name;
  Score score;
};

// Standard error of a coverage over 10,000 rounds: 0.22 percentage points. Rates of few trials are discrete, so that
// the coverage of any interval without randomisation swings by about a point around 95 %.
TEST(PredictionPowered, CoversTheRateHoweverGoodOrBadTheScoreIs) {
  for (const auto& [name, score] : {Named{"weak", kWeak}, Named{"strong", kStrong}, Named{"biased", kBiased},
                                    Named{"against", kAgainst}, Named{"useless", kUseless}, Named{"flag", kFlag}}) {
    const Law law(score);
    for (const double rate : {0.1, 0.3, 0.5})
      for (const auto& [labelled, items] : std::vector<std::pair<size_t, size_t>>{
               {50, 1'000}, {50, 50'000}, {200, 1'000}, {200, 50'000}, {500, 50'000}}) {
        const Simulated found = simulate({rate, labelled, items, score}, law);
        SCOPED_TRACE(fmt::format("{} score, rate {}, {} of {} labelled: covers {:.4f}, width {:.3f}, error {:.3f}",
                                 name, rate, labelled, items, found.coverage, found.width, found.squared_error));
        // 50 labels: 5 hits expected at a rate of 0.1, and 5 disagreements of the flag.
        EXPECT_GE(found.coverage, labelled == 50 ? 0.935 : 0.94);
        EXPECT_LE(found.coverage, labelled == 50 ? 0.972 : 0.962);
        // Lambda is estimated, which costs about 1/n; 10,000 rounds of ratios of nearly equal errors have no noise
        // worth a percent.
        EXPECT_LE(found.squared_error, 1 + 2.0 / static_cast<double>(labelled) + 0.01);
      }
  }
}

TEST(PredictionPowered, SkewedScoresAreCoveredButMayCostLabels) {
  const Simulated few = simulate({0.1, 50, 50'000, kSkewed});
  EXPECT_NEAR(few.coverage, 0.95, 0.01);
  EXPECT_LE(few.squared_error, 1.5);
  const Simulated more = simulate({0.1, 200, 50'000, kSkewed});
  EXPECT_NEAR(more.coverage, 0.95, 0.01);
  EXPECT_LE(more.squared_error, 1.03);
}

TEST(PredictionPowered, StatedLimitsOfFewLabelsHold) {
  // 1.5 hits and 1.5 disagreements are expected among 50 labels, 3 among 100.
  EXPECT_GE(simulate({0.03, 50, 50'000, kNearlyRight}).coverage, 0.87);
  EXPECT_GE(simulate({0.03, 100, 50'000, kNearlyRight}).coverage, 0.90);
  EXPECT_GE(simulate({0.03, 50, 50'000, kWeak}).coverage, 0.94);
  EXPECT_GE(simulate({0.1, 50, 50'000, kNearlyRight}).coverage, 0.93);
}

TEST(PredictionPowered, StrongScoresSaveLabels) {
  const Simulated strong = simulate({0.3, 100, 50'000, kStrong});
  EXPECT_LT(strong.width, 0.2);
  EXPECT_LT(strong.squared_error, 0.04);
  const Simulated flag = simulate({0.3, 100, 50'000, kFlag});
  EXPECT_LT(flag.width, 0.75);
  // Labels that are half of all items leave less to gain.
  EXPECT_GT(simulate({0.3, 500, 1'000, kStrong}).width, 0.7);
}

/// Labelled items and others apart, as the paper has them.
TEST(PredictionPowered, IsPpiPlusPlusWithLabelledItemsAmongTheScored) {
  Random random(5);
  std::vector<LabelledItem> labelled(80);
  double labelled_sum = 0;
  for (LabelledItem& item : labelled) {
    item.label = uniform(random) < 0.4 ? 1 : 0;
    item.score = kBiased(random, item.label);
    labelled_sum += item.score;
  }
  constexpr double kOthers = 320;
  constexpr double kMeanOfOthers = 0.71;
  const auto n = static_cast<double>(labelled.size());
  const double all = (kOthers * kMeanOfOthers + labelled_sum) / (kOthers + n);

  double label_mean = 0;
  for (const auto& item : labelled) label_mean += item.label / n;
  double covariance = 0;
  double variance = 0;
  for (const auto& item : labelled) {
    covariance += (item.label - label_mean) * (item.score - labelled_sum / n);
    variance += std::pow(item.score - labelled_sum / n, 2);
  }
  // Equation for the mean: lambda = cov(Y, f) / ((1 + n/N) var(f)).
  const double lambda = covariance / variance / (1 + n / kOthers);
  const double expected = lambda * kMeanOfOthers + label_mean - lambda * labelled_sum / n;

  const PredictionPowered estimate = *prediction_powered(labelled, {kOthers + n, all}, Estimand::mean);
  EXPECT_NEAR(estimate.value, expected, 1e-12);
  EXPECT_NEAR(estimate.lambda, lambda * (kOthers + n) / kOthers, 1e-12);
}

TEST(PredictionPowered, CoversTheMeanOfSkewedLabels) {
  // Squares of normal numbers, seen by a score with an error as large as they are.
  Random random(3);
  std::normal_distribution<double> normal;
  int covered = 0;
  std::vector<LabelledItem> labelled(200);
  constexpr double kItems = 20'000;
  for (int round = 0; round < kRounds; ++round) {
    double sum = 0;
    for (LabelledItem& item : labelled) {
      item.label = std::pow(normal(random), 2);
      item.score = 3 * item.label - 7 + 3 * normal(random);
      sum += item.score;
    }
    const double others = kItems - static_cast<double>(labelled.size());
    sum += others * -4 + std::sqrt(others * 27) * normal(random);
    const PredictionPowered estimate = *prediction_powered(labelled, {kItems, sum / kItems}, Estimand::mean);
    covered += estimate.interval.contains(1) ? 1 : 0;
  }
  EXPECT_NEAR(covered / static_cast<double>(kRounds), 0.95, 0.01);
}

/// Items that the check suspects are labelled four times as often as others.
TEST(PredictionPowered, UnequalInclusionIsWeightedOut) {
  constexpr size_t kItems = 3'000;
  constexpr int kFewerRounds = 4'000;  // of 3,000 items each
  Random random(8);
  int covered = 0;
  int covered_alone = 0;
  double mean = 0;
  double unweighted = 0;
  for (int round = 0; round < kFewerRounds; ++round) {
    std::vector<LabelledItem> labelled;
    double sum = 0;
    double hits = 0;
    for (size_t i = 0; i < kItems; ++i) {
      const double label = uniform(random) < 0.2 ? 1 : 0;
      const double score = 0.4 * label + 0.6 * uniform(random);
      const double inclusion = score > 0.5 ? 0.12 : 0.03;
      sum += score;
      if (uniform(random) >= inclusion) continue;
      labelled.push_back({label, score, inclusion});
      hits += label;
    }
    const auto estimate = *prediction_powered(labelled, {kItems, sum / kItems}, Estimand::rate);
    covered += estimate.interval.contains(0.2) ? 1 : 0;
    covered_alone += estimate.labels_alone_interval.contains(0.2) ? 1 : 0;
    mean += estimate.value / kFewerRounds;
    unweighted += hits / static_cast<double>(labelled.size()) / kFewerRounds;
  }
  EXPECT_NEAR(mean, 0.2, 0.003);
  EXPECT_GT(unweighted, 0.3);  // what would be said without the weights
  EXPECT_NEAR(covered / static_cast<double>(kFewerRounds), 0.95, 0.012);
  EXPECT_NEAR(covered_alone / static_cast<double>(kFewerRounds), 0.95, 0.015);
}

TEST(PredictionPowered, AgreeingLabelsLeaveAnIntervalOfSomeWidth) {
  std::vector<LabelledItem> labelled;
  for (int i = 0; i < 50; ++i) labelled.push_back({0, i / 50.0, {}});
  const auto none = *prediction_powered(labelled, {10'000, 0.5}, Estimand::rate);
  EXPECT_EQ(none.value, 0);
  EXPECT_EQ(none.lambda, 0);
  EXPECT_EQ(none.interval.low, 0);
  // 3 of 50 is the 95 % limit of none seen ("rule of three"); Wilson's two-sided interval reaches a little further.
  EXPECT_GT(none.interval.high, 0.06);
  EXPECT_LT(none.interval.high, 0.09);

  // A flag that agreed with each of 50 labels may still be wrong about some of the others.
  for (size_t i = 0; i < labelled.size(); ++i) labelled[i].label = labelled[i].score = i < 10 ? 1 : 0;
  const auto perfect = *prediction_powered(labelled, {10'000, 0.25}, Estimand::rate);
  EXPECT_NEAR(perfect.value, 0.25, 1e-12);
  EXPECT_GT(perfect.interval.width(), 0.04);
  EXPECT_LT(perfect.interval.width(), perfect.labels_alone_interval.width() / 2);
}

TEST(PredictionPowered, EverythingLabelledIsTheMeanOfTheLabels) {
  std::vector<LabelledItem> labelled;
  for (int i = 0; i < 100; ++i) labelled.push_back({i % 4 == 0 ? 1.0 : 0.0, i * 0.01, 1.0});
  const auto estimate = *prediction_powered(labelled, {100, 0.495}, Estimand::rate);
  EXPECT_NEAR(estimate.value, 0.25, 1e-12);
  EXPECT_NEAR(estimate.gain, 1, 1e-9);
}

TEST(PredictionPowered, RefusesWhatItCannotEstimateFrom) {
  using testing::HasSubstr;
  const auto message = [](const std::vector<LabelledItem>& labelled, ScoredItems all, Estimand estimand) {
    const auto result = prediction_powered(labelled, all, estimand);
    return result.ok() ? std::string() : result.error().message;
  };
  const std::vector<LabelledItem> good{{0, 0.1, {}}, {1, 0.8, {}}, {0, 0.3, {}}, {1, 0.7, {}}};
  EXPECT_EQ(message(good, {10, 0.5}, Estimand::rate), "");
  EXPECT_THAT(message({{0, 0.1, {}}, {1, 1, {}}}, {10, 0.5}, Estimand::rate), HasSubstr("at least 3"));
  EXPECT_THAT(message(good, {3, 0.5}, Estimand::rate), HasSubstr("3 scored items, but 4 labelled"));
  EXPECT_THAT(message(good, {10, NAN}, Estimand::rate), HasSubstr("mean of all scores"));
  auto bad = good;
  bad[2].label = 2;
  EXPECT_THAT(message(bad, {10, 0.5}, Estimand::rate), HasSubstr("labelled item 2: label 2 of a rate"));
  EXPECT_EQ(message(bad, {10, 0.5}, Estimand::mean), "");
  bad[2] = {0, NAN, {}};
  EXPECT_THAT(message(bad, {10, 0.5}, Estimand::mean), HasSubstr("must be finite"));
  bad[2] = {0, 0, 0.5};
  EXPECT_THAT(message(bad, {10, 0.5}, Estimand::mean), HasSubstr("of all items or of none"));
  for (auto& item : bad) item.inclusion = 0.5;
  bad[3].inclusion = 0;
  EXPECT_THAT(message(bad, {10, 0.5}, Estimand::mean), HasSubstr("inclusion probability 0 must lie in (0, 1]"));
  bad[3].inclusion = 1e-6;
  EXPECT_THAT(message(bad, {10, 0.5}, Estimand::mean), HasSubstr("so unequal"));
}

}  // namespace
}  // namespace tidewatch
