#include "detectors/detect/cauchy_combination.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "unit/detectors/detect/traffic.h"

namespace tidewatch::testing {
namespace {

TEST(CauchyCombination, OfOneOrOfEqualsIsThat) {
  for (const double p : {0.9, 0.5, 0.1, 1e-3, 1e-12, 1e-200}) {
    const std::vector<double> alone = {p};
    EXPECT_NEAR(cauchy_combination(alone) / p, 1, 1e-9) << p;
    const std::vector<double> equal(7, p);
    EXPECT_NEAR(cauchy_combination(equal) / p, 1, 1e-9) << p;
  }
  EXPECT_EQ(cauchy_combination({}), 1);
}

TEST(CauchyCombination, OfOneFarOutIsBonferronis) {
  const std::vector<double> p = {1e-9, 0.5, 0.2, 0.99};
  EXPECT_NEAR(cauchy_combination(p) / 4e-9, 1, 1e-3);
}

TEST(CauchyCombination, APValueOfOneHidesNothing) {
  const std::vector<double> p = {1e-4, 1.0, 1.0};
  EXPECT_NEAR(cauchy_combination(p) / 3e-4, 1, 0.05);
}

/// Share of `draws` in which the combination of `measures` p-values, whose scores have this correlation, is below
/// 2^-bits, as a multiple of that.
double exceedance(double correlation, size_t measures, double bits, size_t draws) {
  Traffic traffic(7);
  size_t beyond = 0;
  for (size_t i = 0; i < draws; ++i) {
    const double common = traffic.normal();
    std::vector<double> p;
    for (size_t j = 0; j < measures; ++j) {
      const double z = std::sqrt(correlation) * common + std::sqrt(1 - correlation) * traffic.normal();
      p.push_back(std::erfc(std::abs(z) / std::numbers::sqrt2));
    }
    beyond += cauchy_combination(p) < std::exp2(-bits) ? 1 : 0;
  }
  return static_cast<double>(beyond) / (static_cast<double>(draws) * std::exp2(-bits));
}

TEST(CauchyCombination, IsExceededAsOftenAsItSaysHoweverPValuesDepend) {
  for (const double correlation : {0.0, 0.5, 0.9, 1.0}) {
    const double at_six = exceedance(correlation, 8, 6, 200'000);
    const double at_ten = exceedance(correlation, 8, 10, 200'000);
    std::printf("correlation %.1f: %.2f of the claim at 6 bits, %.2f at 10\n", correlation, at_six, at_ten);
    EXPECT_GT(at_six, 0.8) << correlation;
    EXPECT_LT(at_six, 1.25) << correlation;
    EXPECT_GT(at_ten, 0.75) << correlation;  // some 200 draws
    EXPECT_LT(at_ten, 1.3) << correlation;
  }
}

}  // namespace
}  // namespace tidewatch::testing
