#include "stream/window/measures.h"

#include <gtest/gtest.h>

namespace tidewatch {
namespace {

TEST(MeasureCatalog, SuffixOfADistributionNamesItsStatistic) {
  MeasureCatalog catalog;
  const auto watched = resolve_watched(catalog, "latency_p95");
  ASSERT_TRUE(watched);
  EXPECT_EQ(watched->measure, m_latency);
  EXPECT_EQ(watched->statistic, Statistic::p95);
  EXPECT_EQ(watched_name(catalog, *watched), "latency_p95");
}

TEST(MeasureCatalog, RatesHaveNoQuantiles) {
  MeasureCatalog catalog;
  EXPECT_FALSE(resolve_watched(catalog, "error_rate_p95"));
  EXPECT_FALSE(resolve_watched(catalog, "no_such_measure"));
}

TEST(MeasureCatalog, EvaluationScoresAppearByTheirName) {
  MeasureCatalog catalog;
  const auto score = catalog.find_or_derive("score_faithfulness");
  ASSERT_TRUE(score);
  EXPECT_EQ(catalog.info(*score).kind, MeasureKind::distribution);
  EXPECT_EQ(catalog.find_or_derive("score_faithfulness"), score);
}

TEST(MeasureCatalog, AnEndlessStreamOfNamesIsRefusedAtTheLimit) {
  MeasureCatalog catalog;
  size_t made = 0;
  for (int i = 0; i < 1000; ++i) made += catalog.find_or_derive("score_" + std::to_string(i)).has_value();
  EXPECT_EQ(catalog.size(), MeasureCatalog::kMaxMeasures);
  EXPECT_EQ(made, MeasureCatalog::kMaxMeasures - kBuiltinMeasures);
}

TEST(MeasureCatalog, ANameOfAnotherKindIsRefused) {
  MeasureCatalog catalog;
  EXPECT_FALSE(catalog.add({"refusal_rate", MeasureKind::sum, Unit::count, MeasureClass::volume, Worse::none, 0, ""}));
}

TEST(Measures, AStatisticOfAnEvaluationScoreIsNoScoreOfItsOwn) {
  MeasureCatalog catalog;
  const auto p95 = resolve_watched(catalog, "score_relevance_p95");
  ASSERT_TRUE(p95.has_value());
  EXPECT_EQ(catalog.info(p95->measure).name, "score_relevance");
  EXPECT_EQ(p95->statistic, Statistic::p95);
  EXPECT_EQ(watched_name(catalog, *p95), "score_relevance_p95");
  const auto mean = resolve_watched(catalog, "score_relevance");
  ASSERT_TRUE(mean.has_value());
  EXPECT_EQ(mean->measure, p95->measure);
  EXPECT_FALSE(catalog.find("score_relevance_p95").has_value());
}

}  // namespace
}  // namespace tidewatch
