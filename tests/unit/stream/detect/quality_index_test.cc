#include "stream/detect/quality_index.h"

#include <gtest/gtest.h>

#include <cmath>

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

}  // namespace
}  // namespace tidewatch
