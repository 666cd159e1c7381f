#include "stream/detect/quality_index.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace tidewatch {
namespace {

v1::MeasuredValue& add(v1::QualityScore& score, std::string_view measure, double value, double half_width = 0) {
  auto& out = *score.add_measures();
  out.set_measure(std::string(measure));
  out.set_value(value);
  out.set_low(value - half_width);
  out.set_high(value + half_width);
  return out;
}

TEST(QualityIndex, IsTheWeightedMeanOfItsParts) {
  v1::QualityScore score;
  add(score, "error_rate", 0.1);    // weight 3: 90
  add(score, "hedging_rate", 0.5);  // weight 1: 50
  add(score, "requests", 1000);     // no part
  fill_quality_index(score, MeasureCatalog());
  EXPECT_DOUBLE_EQ(score.index(), (3 * 90 + 50) / 4.0);
  ASSERT_EQ(score.parts_size(), 2);
  EXPECT_DOUBLE_EQ(score.parts(0).weight() + score.parts(1).weight(), 1);
  EXPECT_DOUBLE_EQ(score.parts(0).score(), 90);
}

TEST(QualityIndex, CountsAmountsAgainstWhatIsExpected) {
  v1::QualityScore score;
  add(score, "latency_p95", 2).set_expected(1);
  add(score, "latency", 50).set_expected(1);  // the mean is not the index's statistic
  fill_quality_index(score, MeasureCatalog());
  EXPECT_DOUBLE_EQ(score.index(), 50);
  v1::QualityScore better;
  add(better, "latency_p95", 0.5).set_expected(1);
  fill_quality_index(better, MeasureCatalog());
  EXPECT_DOUBLE_EQ(better.index(), 100) << "faster than expected is not better than good";
}

TEST(QualityIndex, IsAbsentWhenNothingCanBeJudged) {
  v1::QualityScore score;
  add(score, "latency_p95", 2);  // nothing is expected yet
  fill_quality_index(score, MeasureCatalog());
  EXPECT_FALSE(score.has_index());
  EXPECT_FALSE(score.has_index_low());
  EXPECT_EQ(score.parts_size(), 0);
}

TEST(QualityIndex, HasTheIntervalOfItsPartsTakenAsIndependent) {
  v1::QualityScore score;
  add(score, "error_rate", 0.3, 0.1);
  add(score, "refusal_rate", 0.3, 0.1);  // the same weight
  fill_quality_index(score, MeasureCatalog());
  EXPECT_NEAR(score.index_high() - score.index(), 100 * 0.1 / std::sqrt(2), 1e-9);
  EXPECT_NEAR(score.index() - score.index_low(), 100 * 0.1 / std::sqrt(2), 1e-9);
}

TEST(QualityIndex, StaysWithinItsRange) {
  v1::QualityScore score;
  add(score, "error_rate", 0.0, 0.2);
  fill_quality_index(score, MeasureCatalog());
  EXPECT_DOUBLE_EQ(score.index_high(), 100);
  EXPECT_DOUBLE_EQ(score.index_low(), 80);
}

TEST(QualityIndex, HigherEvaluationScoresAreBetter) {
  MeasureCatalog catalog;
  ASSERT_TRUE(catalog.find_or_derive("score_faithful").has_value());
  v1::QualityScore score;
  add(score, "score_faithful", 0.8);
  add(score, "score_faithful_p50", 0.5);  // no measure of its own
  fill_quality_index(score, catalog);
  EXPECT_DOUBLE_EQ(score.index(), 80);
  EXPECT_EQ(score.parts_size(), 1);
}

/// A share of `n` requests whose usual value is `usual`, with the intervals of sampling alone.
void add_share(v1::QualityScore& score, std::string_view measure, double value, double usual, double n,
               double between_windows = 0) {
  const auto reach = [&](double share) { return 1.959964 * std::sqrt(share * (1 - share) / n); };
  auto& out = add(score, measure, value, reach(value));
  const double usual_reach = std::hypot(reach(usual), 1.959964 * between_windows);
  out.set_expected(usual);
  out.set_expected_low(usual - usual_reach);
  out.set_expected_high(usual + usual_reach);
}

v1::QualityScore of_refusals(double value, double n, double between_windows = 0) {
  v1::QualityScore score;
  add_share(score, "refusal_rate", value, 0.08, n, between_windows);
  add(score, "requests", n);
  fill_quality_index(score, MeasureCatalog());
  return score;
}

TEST(QualityIndex, ADipOfFivePointsIsNoiseAmongFewRequestsAndOneOfFifteenIsReal) {
  const auto small = of_refusals(0.13, 40);
  EXPECT_NEAR(small.index_change().points(), -5, 1e-9);
  EXPECT_EQ(small.index_change().verdict(), "noise");
  EXPECT_LT(small.index_change().low(), -5);
  EXPECT_GT(small.index_change().high(), 0);
  EXPECT_GT(small.index_change().requests_needed(), 100);
  const auto large = of_refusals(0.23, 40);
  EXPECT_NEAR(large.index_change().points(), -15, 1e-9);
  EXPECT_EQ(large.index_change().verdict(), "real");
  EXPECT_LT(large.index_change().requests_needed(), 40);
  EXPECT_EQ(of_refusals(0.13, 1000).index_change().verdict(), "real") << "the same five points of many requests";
}

TEST(QualityIndex, WithTheRequestsItAsksForAChangeIsToldInFourOfFiveWindows) {
  const double needed = of_refusals(0.13, 40).index_change().requests_needed();
  std::mt19937_64 random(1);
  const auto share_of_real = [&](double rate) {
    std::binomial_distribution<int> refusals(static_cast<int>(needed), rate);
    int real = 0;
    for (int i = 0; i < 4000; ++i)
      real += of_refusals(refusals(random) / needed, needed).index_change().verdict() == "real" ? 1 : 0;
    return real / 4000.0;
  };
  EXPECT_NEAR(share_of_real(0.13), 0.8, 0.05);
  EXPECT_NEAR(share_of_real(0.08), 0.05, 0.025);
}

TEST(QualityIndex, NoNumberOfRequestsTellsAChangeThatWindowsDifferByAnyway) {
  const auto score = of_refusals(0.10, 400, 0.03);
  EXPECT_EQ(score.index_change().verdict(), "noise");
  EXPECT_FALSE(score.index_change().has_requests_needed());
}

TEST(QualityIndex, ItsChangeIsThatOfItsParts) {
  v1::QualityScore score;
  add_share(score, "error_rate", 0.05, 0.01, 500);
  add_share(score, "refusal_rate", 0.02, 0.08, 500);
  add(score, "hedging_rate", 0.3);  // nothing was learnt of it
  fill_quality_index(score, MeasureCatalog());
  double sum = 0;
  for (const auto& part : score.parts()) sum += part.change();
  EXPECT_NEAR(sum, score.index_change().points(), 1e-9);
  EXPECT_NEAR(score.index() - score.index_expected(), score.index_change().points(), 1e-9);
  EXPECT_NEAR(score.parts(0).change(), -4 * 3 / 7.0, 1e-9);
  EXPECT_NEAR(score.parts(1).change(), 6 * 3 / 7.0, 1e-9);
  EXPECT_FALSE(score.parts(2).has_change());
}

TEST(QualityIndex, APartWithoutDataWidensAndMovesNothing) {
  v1::QualityScore whole;
  add_share(whole, "error_rate", 0.01, 0.01, 500);
  add_share(whole, "positive_feedback", 0.7, 0.7, 10'000, 0.05);
  fill_quality_index(whole, MeasureCatalog());
  v1::QualityScore without = whole;
  without.clear_parts();
  auto& feedback = *without.mutable_measures(1);
  feedback.clear_value();
  feedback.clear_low();
  feedback.clear_high();
  fill_quality_index(without, MeasureCatalog());
  EXPECT_NEAR(without.index(), whole.index(), 1e-9);
  EXPECT_GT(without.index_high() - without.index_low(), 2 * (whole.index_high() - whole.index_low()));
  EXPECT_FALSE(without.parts(0).assumed());
  EXPECT_TRUE(without.parts(1).assumed());
  EXPECT_EQ(without.parts(1).change(), 0);
  v1::QualityScore nothing = without;
  nothing.clear_parts();
  nothing.clear_index();
  nothing.mutable_measures(0)->clear_value();
  fill_quality_index(nothing, MeasureCatalog());
  EXPECT_FALSE(nothing.has_index()) << "of what is only expected there is no index";
  EXPECT_EQ(nothing.parts_size(), 0);
}

TEST(QualityIndex, ExpectsOfLatencyWhatOrdinaryWindowsShowOnAverage) {
  std::mt19937_64 random(2);
  std::normal_distribution<double> deviation(0, 0.3);
  double points = 0;
  int real = 0;
  constexpr int kWindows = 20'000;
  for (int i = 0; i < kWindows; ++i) {
    v1::QualityScore score;
    auto& latency = add(score, "latency_p95", 2 * std::exp(deviation(random)), 0);
    latency.set_expected(2);
    latency.set_expected_low(2 * std::exp(-0.3 * 1.959964));
    latency.set_expected_high(2 * std::exp(0.3 * 1.959964));
    fill_quality_index(score, MeasureCatalog());
    points += score.index_change().points() / kWindows;
    real += score.index_change().verdict() == "real" ? 1 : 0;
  }
  EXPECT_NEAR(points, 0, 0.3) << "faster is no better than good, so that the mean is below 100";
  EXPECT_LT(real, 0.09 * kWindows);
}

}  // namespace
}  // namespace tidewatch
