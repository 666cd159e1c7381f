#include "detectors/sketch/weight.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace tidewatch {
namespace {

TEST(Weights, AreRoundedToAMillionth) {
  for (const double weight : {1.0, 50.0, 1 / 0.3, 0.001, -2.75, 1e9})
    EXPECT_NEAR(quantise_weight(weight), weight, kWeightResolution / 2) << weight;
  EXPECT_EQ(quantise_weight(1.0), 1.0);
}

TEST(Weights, ThatAreNoUsableNumberCountNothing) {
  for (const double weight :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(), 1e10, -1e10, 0.0, 1e-9})
    EXPECT_EQ(quantise_weight(weight), 0) << weight;
}

TEST(Weights, AddUpTheSameInAnyOrder) {
  std::mt19937_64 random(3);
  std::vector<double> weights(100'000);
  for (double& weight : weights) weight = 1 / std::uniform_real_distribution<double>(0.01, 1)(random);
  const auto sums = [&] {
    double sum = 0, squares = 0;
    for (const double weight : weights) {
      sum += quantise_weight(weight);
      squares += signed_square(quantise_weight(weight));
    }
    return std::pair(sum, squares);
  };
  const auto first = sums();
  for (int round = 0; round < 5; ++round) {
    std::shuffle(weights.begin(), weights.end(), random);
    EXPECT_EQ(sums(), first);
  }
}

TEST(Weights, OfAWithdrawalTakeBackTheirSquare) {
  EXPECT_EQ(signed_square(-2.5), -signed_square(2.5));
  EXPECT_EQ(signed_square(1), 1);
  EXPECT_NEAR(signed_square(1 / 0.3), 1 / 0.09, 1e-3);
}

TEST(Weights, GiveKishsEffectiveSize) {
  EXPECT_EQ(effective_size(10, 10), 10);
  EXPECT_EQ(effective_size(20, 40), 10);
  EXPECT_EQ(effective_size(0, 0), 0);
  EXPECT_EQ(effective_size(-3, 5), 0);
}

TEST(Weights, ComeBackFromTheirBytes) {
  for (const double weight :
       {0.0, 1.0, -1.0, 31.0, 1e6, 0.5, -3.75, kWeightResolution, 8e9 + kWeightResolution, 1e15, -1e17}) {
    ByteWriter out;
    put_weight(out, weight);
    ByteReader in(out.bytes());
    EXPECT_EQ(get_weight(in), weight);
    EXPECT_TRUE(in.ok() && in.at_end());
  }
}

TEST(Weights, OfAFewObservationsTakeOneByte) {
  ByteWriter out;
  put_weight(out, 31);
  EXPECT_EQ(out.bytes().size(), 1u);
}

}  // namespace
}  // namespace tidewatch
