#include "detectors/estimate/agreement.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "tests/sample_share.h"

namespace tidewatch {
namespace {

std::vector<RatedTwice> items_of(const std::vector<std::vector<int>>& counts) {
  std::vector<RatedTwice> out;
  for (size_t a = 0; a < counts.size(); ++a)
    for (size_t b = 0; b < counts.size(); ++b)
      for (int i = 0; i < counts[a][b]; ++i) out.push_back({a, b, 1});
  return out;
}

TEST(Agreement, IsTheKappaOfTheTextbook) {
  // Cohen's kappa of 45 + 30 agreements among 100: 0.75 observed, 0.6 · 0.7 + 0.4 · 0.3 = 0.54 by chance.
  const auto found = cohens_kappa(items_of({{45, 15}, {10, 30}}), 2, AgreementWeights::none);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_NEAR(found->observed, 0.75, 1e-12);
  EXPECT_NEAR(found->expected, 0.6 * 0.55 + 0.4 * 0.45, 1e-12);
  EXPECT_NEAR(found->kappa, (0.75 - 0.51) / 0.49, 1e-12);
  EXPECT_EQ(found->confusion[0][1], 15);
}

TEST(Agreement, PutsOrderedCategoriesThatAreNearNearer) {
  const auto near = items_of({{20, 10, 0}, {10, 20, 10}, {0, 10, 20}});
  const auto far = items_of({{20, 0, 10}, {10, 20, 10}, {10, 0, 20}});
  const auto kappa = [](const auto& items, AgreementWeights weights) { return cohens_kappa(items, 3, weights)->kappa; };
  EXPECT_GT(kappa(near, AgreementWeights::quadratic), kappa(near, AgreementWeights::none));
  EXPECT_GT(kappa(near, AgreementWeights::quadratic), kappa(far, AgreementWeights::quadratic) + 0.2);
}

TEST(Agreement, WeightsCountAsSoManyItems) {
  std::vector<RatedTwice> weighted = {{0, 0, 45}, {0, 1, 15}, {1, 0, 10}, {1, 1, 30}};
  const auto found = cohens_kappa(weighted, 2, AgreementWeights::none);
  EXPECT_NEAR(found->kappa, (0.75 - 0.51) / 0.49, 1e-12);
  EXPECT_GT(found->error, 3 * cohens_kappa(items_of({{45, 15}, {10, 30}}), 2, AgreementWeights::none)->error)
      << "but are known from four items only";
}

TEST(Agreement, WithoutADisagreementItIsNotCertain) {
  const auto found = cohens_kappa(items_of({{25, 0}, {0, 25}}), 2, AgreementWeights::none);
  EXPECT_EQ(found->kappa, 1);
  EXPECT_EQ(found->interval.high, 1);
  EXPECT_LT(found->interval.low, 0.9);
  EXPECT_GT(found->interval.low, 0.7);
}

TEST(Agreement, SaysWhatCannotBeEstimated) {
  const auto code = [](const std::vector<RatedTwice>& items) {
    return cohens_kappa(items, 2, AgreementWeights::none).error().code;
  };
  EXPECT_EQ(code({{0, 0, 1}}), "bad_estimate");
  EXPECT_EQ(code({{0, 0, 1}, {0, 0, 1}}), "bad_estimate");
  EXPECT_EQ(code({{0, 2, 1}, {0, 0, 1}}), "bad_estimate");
  EXPECT_EQ(code({{0, 1, 0}, {0, 0, 1}}), "bad_estimate");
  EXPECT_EQ(code({{0, 1, std::nan("")}, {0, 0, 1}}), "bad_estimate");
}

/// A judge that is right with a probability, of items of which a share passes; drawn with two weights.
TEST(Agreement, IntervalsCover) {
  std::mt19937 random(5);
  std::uniform_real_distribution<> uniform(0, 1);
  const size_t rounds = sampled(4'000, 100);
  for (const double share : {0.5, 0.8})
    for (const double right : {0.7, 0.9, 0.97})
      for (const size_t size : {size_t{50}, size_t{200}}) {
        // Its own kappa: of endless many items.
        const double passed = share * right + (1 - share) * (1 - right);
        const double by_chance = share * passed + (1 - share) * (1 - passed);
        const double kappa = (right - by_chance) / (1 - by_chance);
        size_t covered = 0;
        size_t known = 0;
        for (size_t round = 0; round < rounds; ++round) {
          std::vector<RatedTwice> items;
          for (size_t i = 0; i < size; ++i) {
            const size_t human = uniform(random) < share ? 1 : 0;
            const size_t judge = uniform(random) < right ? human : 1 - human;
            items.push_back({judge, human, uniform(random) < 0.3 ? 2.0 : 1.0});
          }
          const auto found = cohens_kappa(items, 2, AgreementWeights::none);
          if (!found) continue;
          ++known;
          covered += found->interval.low <= kappa && kappa <= found->interval.high ? 1 : 0;
        }
        const double coverage = static_cast<double>(covered) / static_cast<double>(known);
        std::printf("passed %.1f, right %.2f, %zu labels: kappa %.2f, covered %.3f\n", share, right, size, kappa,
                    coverage);
        if (!is_full_sample()) continue;
        EXPECT_GE(coverage, size == 50 ? 0.90 : 0.93) << share << " " << right << " " << size;
      }
}

}  // namespace
}  // namespace tidewatch
