#include "detectors/sketch/bottom_k.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace tidewatch {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

using Sample = BottomK<int>;

Candidate<int> unit(int number, double rate = 0, uint64_t salt = 0) {
  const std::string id = "trace-" + std::to_string(number);
  return {sampling_rank(id, salt), id, rate, number};
}

std::vector<std::pair<int, double>> told(const Sample& sample) {
  std::vector<std::pair<int, double>> out;
  for (const auto& drawn : sample.draw()) out.emplace_back(drawn.candidate.payload, drawn.probability);
  return out;
}

TEST(SamplingRank, IsUniformAndIndependentBySalt) {
  constexpr int kUnits = 20'000;
  double sum = 0;
  double squares = 0;
  double products = 0;
  for (int i = 0; i < kUnits; ++i) {
    const double a = sampling_rank(std::to_string(i)) - 0.5;
    const double b = sampling_rank(std::to_string(i), 1) - 0.5;
    ASSERT_LT(std::abs(a), 0.5);
    sum += a;
    squares += a * a;
    products += a * b;
  }
  EXPECT_NEAR(sum / kUnits, 0, 4 * std::sqrt(1.0 / 12 / kUnits));
  EXPECT_NEAR(squares / kUnits, 1.0 / 12, 0.003);
  EXPECT_NEAR(products / kUnits, 0, 4 * (1.0 / 12) / std::sqrt(kUnits));
}

TEST(BottomK, DrawsAllOfAPopulationThatIsNoLargerThanK) {
  Sample sample(3);
  for (int i = 0; i < 3; ++i) sample.offer(unit(i));
  for (const auto& [number, probability] : told(sample)) EXPECT_EQ(probability, 1) << number;
  EXPECT_THAT(told(sample), SizeIs(3));
}

TEST(BottomK, OfALargerOneTheKLowestWithTheRankOfTheNext) {
  Sample sample(2);
  for (int i = 0; i < 4; ++i) sample.offer({0.2 * (4 - i), std::to_string(i), 0, i});
  EXPECT_THAT(told(sample), ElementsAre(Pair(3, DoubleEq(0.2 * 3)), Pair(2, DoubleEq(0.2 * 3))));
}

TEST(BottomK, DrawsWhateverItsOwnRateDraws) {
  Sample sample(1);
  sample.offer({0.1, "a", 0.05, 0});
  sample.offer({0.3, "b", 0.4, 1});
  sample.offer({0.5, "c", 0.4, 2});
  sample.offer({0.9, "d", 1, 3});
  EXPECT_THAT(told(sample), ElementsAre(Pair(0, 0.3), Pair(1, 0.4), Pair(3, 1)));
}

TEST(BottomK, WithoutAMinimumItIsPoissonSampling) {
  Sample sample(0);
  sample.offer({0.1, "a", 0.05, 0});
  EXPECT_THAT(told(sample), IsEmpty());
  sample.offer({0.3, "b", 0.4, 1});
  sample.offer({0.2, "c", 0.3, 2});
  EXPECT_THAT(told(sample), ElementsAre(Pair(2, 0.3), Pair(1, 0.4)));
}

TEST(BottomK, ARateThatIsRaisedLaterCountsAsIfItHadBeenKnown) {
  Sample later(3);
  Sample before(3);
  for (int i = 0; i < 100; ++i) {
    later.offer(unit(i, 0.02));
    before.offer(unit(i, i % 9 == 0 ? 1 : 0.02));
  }
  for (int i = 0; i < 100; i += 9) later.raise(unit(i, 1));
  EXPECT_EQ(told(later), told(before));
}

void take(Sample& into, const Sample& from) {
  for (auto& candidate : from.candidates()) into.offer(std::move(candidate));
}

TEST(BottomK, OfWhatOthersKeepInAnyOrderIsTheSampleOfAll) {
  std::mt19937 random(7);
  for (const size_t k : {size_t{0}, size_t{1}, size_t{5}, size_t{40}}) {
    std::vector<int> numbers(300);
    for (int i = 0; i < 300; ++i) numbers[static_cast<size_t>(i)] = i;
    Sample whole(k);
    for (const int i : numbers) whole.offer(unit(i, i % 7 == 0 ? 0.5 : 0.02));
    std::shuffle(numbers.begin(), numbers.end(), random);
    std::vector<Sample> parts(4, Sample(k));
    for (const int i : numbers) parts[random() % parts.size()].offer(unit(i, i % 7 == 0 ? 0.5 : 0.02));
    Sample left = parts[0];
    take(left, parts[1]);
    Sample right = parts[3];
    take(right, parts[2]);
    take(right, left);
    EXPECT_EQ(told(right), told(whole)) << k;
  }
}

// Horvitz & Thompson's sums are unbiased whatever decides the rates, also twice sampled: a budget is a second bottom-k
// with ranks of their own.
TEST(BottomK, SumsByInverseProbabilityAreUnbiasedAlsoOfASampleOfASample) {
  constexpr int kRuns = 4'000;
  constexpr int kUnits = 200;
  double truth = 0;
  for (int i = 0; i < kUnits; ++i) truth += i;
  std::map<bool, std::pair<double, double>> sums;  // by whether there is a budget: of estimates, of their squares
  for (int run = 0; run < kRuns; ++run) {
    const auto salt = static_cast<uint64_t>(run);
    Sample sample(10);
    for (int i = 0; i < kUnits; ++i) sample.offer(unit(i, i % 10 == 9 ? 0.5 : 0.03, salt));
    BottomK<Drawn<int>> budget(15);
    double once = 0;
    for (const auto& drawn : sample.draw()) {
      once += drawn.candidate.payload / drawn.probability;
      budget.offer({sampling_rank(drawn.candidate.id, salt + 1'000'000), drawn.candidate.id, 0, drawn});
    }
    double twice = 0;
    for (const auto& kept : budget.draw())
      twice += kept.candidate.payload.candidate.payload / (kept.candidate.payload.probability * kept.probability);
    for (const auto& [has_budget, sum] : {std::pair{false, once}, std::pair{true, twice}}) {
      sums[has_budget].first += sum;
      sums[has_budget].second += sum * sum;
    }
  }
  for (const auto& [has_budget, sum] : sums) {
    const double mean = sum.first / kRuns;
    const double error = std::sqrt((sum.second / kRuns - mean * mean) / kRuns);
    EXPECT_NEAR(mean, truth, 4 * error) << has_budget;
    EXPECT_LT(error, 0.02 * truth) << has_budget;
  }
}

}  // namespace
}  // namespace tidewatch
