#include "detectors/sketch/clustered_trials.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "detectors/detect/predictive.h"
#include "detectors/sketch/aggregate.h"
#include "detectors/sketch/distinct.h"
#include "detectors/sketch/serialized.h"
#include "tests/sample_share.h"

namespace tidewatch {
namespace {

struct Vote {
  uint64_t user = 0;
  bool is_up = false;
  double weight = 1;
};

uint64_t user(uint64_t number) { return hash_key("user-" + std::to_string(number)); }

ClusteredTrials of(const std::vector<Vote>& votes) {
  ClusteredTrials out;
  for (const Vote& vote : votes) out.add(vote.is_up, vote.user, vote.weight);
  return out;
}

TEST(ClusteredTrials, OneVoteEachIsARateOfThatManyTrials) {
  ClusteredTrials trials;
  for (uint64_t i = 0; i < 200; ++i) trials.add(i % 4 != 0, user(i), 1);
  const auto told = trials.told({});
  EXPECT_DOUBLE_EQ(told.rate, 0.75);
  EXPECT_NEAR(told.effective_size, 200, 1e-9);
  EXPECT_EQ(trials.weight(), 200);
}

TEST(ClusteredTrials, NobodyDecidesTheRateByVotingOften) {
  ClusteredTrials trials;
  for (uint64_t i = 0; i < 100; ++i) trials.add(i % 10 != 0, user(i), 1);
  const double before = trials.told({}).rate;
  for (int i = 0; i < 5'000; ++i) trials.add(false, user(1'000), 1);
  const auto told = trials.told({});
  EXPECT_DOUBLE_EQ(before, 0.9);
  EXPECT_DOUBLE_EQ(told.rate, 90.0 / 103) << "three of the hundred and three are this user's";
  EXPECT_LT(told.effective_size, 104);
  EXPECT_EQ(trials.weight(), 5'100) << "what there was";
}

TEST(ClusteredTrials, VotesOfOneUserTellLessThanVotesOfMany) {
  ClusteredTrials of_few;
  ClusteredTrials of_many;
  for (uint64_t i = 0; i < 90; ++i) {
    of_few.add(i % 9 < 6, user(i / 3), 1);  // three alike of each of thirty
    of_many.add(i % 9 < 6, user(i), 1);
  }
  EXPECT_DOUBLE_EQ(of_few.told({}).rate, of_many.told({}).rate);
  EXPECT_NEAR(of_few.told({}).effective_size, 30, 1e-9);
  EXPECT_NEAR(of_many.told({}).effective_size, 90, 1e-9);
}

TEST(ClusteredTrials, NoMoreIsToldThanThereAreVotes) {
  ClusteredTrials trials;
  for (uint64_t i = 0; i < 40; ++i)
    for (const bool is_up : {true, false}) trials.add(is_up, user(i), 1);
  EXPECT_EQ(trials.told({}).effective_size, 80) << "though all users agree in being divided";
}

TEST(ClusteredTrials, WhatIsWithdrawnIsGone) {
  ClusteredTrials trials;
  trials.add(true, user(1), 1);
  trials.add(false, user(2), 1);
  trials.add(false, user(2), -1);
  EXPECT_DOUBLE_EQ(trials.told({}).rate, 1);
  trials.add(true, user(1), -1);
  EXPECT_TRUE(trials.empty());
  EXPECT_EQ(trials.told({}).effective_size, 0);
}

TEST(ClusteredTrials, TrialsOfNoClusterCountEachForItself) {
  WeightedTrials single;
  for (int i = 0; i < 50; ++i) single.add(i % 5 != 0, 1);
  ClusteredTrials trials;
  for (uint64_t i = 0; i < 50; ++i) trials.add(i % 5 != 0, user(i), 1);
  const auto told = trials.told(single);
  EXPECT_DOUBLE_EQ(told.rate, 0.8);
  EXPECT_NEAR(told.effective_size, 100, 1e-9);
}

TEST(ClusteredTrials, MergingInAnyOrderIsAddingEverythingToOne) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    std::mt19937_64 random(seed);
    std::vector<Vote> votes;
    const uint64_t users = seed % 2 == 0 ? 60 : 3 * ClusteredTrials::kMaxClusters;
    for (int i = 0; i < 6'000; ++i) {
      const Vote vote{user(random() % users), random() % 3 != 0, 1};
      votes.push_back(vote);
      if (random() % 8 == 0) votes.push_back({vote.user, vote.is_up, -1});
    }
    const std::string whole = to_bytes(of(votes));
    std::shuffle(votes.begin(), votes.end(), random);
    std::vector<ClusteredTrials> parts(1 + random() % 9);
    for (const Vote& vote : votes) parts[random() % parts.size()].add(vote.is_up, vote.user, vote.weight);
    while (parts.size() > 1) {
      const size_t into = random() % (parts.size() - 1);
      parts[into].merge(parts.back());
      parts.pop_back();
    }
    ASSERT_EQ(to_bytes(parts.front()), whole) << "seed " << seed;
    const auto read = from_bytes<ClusteredTrials>(whole);
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(to_bytes(*read), whole);
  }
}

TEST(ClusteredTrials, ManyClustersAreASampleOfThem) {
  ClusteredTrials trials;
  constexpr uint64_t kUsers = 20'000;
  for (uint64_t i = 0; i < kUsers; ++i)
    for (uint64_t vote = 0; vote <= i % 2; ++vote) trials.add(i % 5 != 0, user(i), 1);
  EXPECT_NEAR(trials.told({}).rate, 0.8, 0.05);
  EXPECT_NEAR(trials.weight() / (1.5 * kUsers), 1, 0.12);
  EXPECT_LE(trials.memory_bytes(), 3 * sizeof(uint64_t) * 2 * ClusteredTrials::kMaxClusters + sizeof(trials));
}

TEST(ClusteredTrials, DamagedBytesAreRefused) {
  ClusteredTrials trials;
  for (uint64_t i = 0; i < 20; ++i) trials.add(true, user(i), 1);
  const std::string bytes = to_bytes(trials);
  for (size_t cut = 0; cut < bytes.size(); ++cut)
    EXPECT_FALSE(from_bytes<ClusteredTrials>(bytes.substr(0, cut)).ok()) << cut;
}

TEST(ClusteredTrials, AnAggregateOfThemIsARate) {
  Aggregate votes(MeasureKind::rate, WorstEnd::smallest);
  for (uint64_t i = 0; i < 30; ++i) votes.add_clustered_trial(i % 3 != 0, user(i));
  for (int i = 0; i < 300; ++i) votes.add_clustered_trial(false, user(99));
  const auto read = Aggregate::deserialize(votes.serialize());
  ASSERT_TRUE(read.ok()) << read.error().message;
  const Observation seen = read->observe();
  EXPECT_DOUBLE_EQ(seen.value, 20.0 / 33);
  EXPECT_EQ(read->weight(), 330);
  Aggregate older(MeasureKind::rate, WorstEnd::smallest);
  for (int i = 0; i < 33; ++i) older.add_trial(true);
  Aggregate both = *read;
  both.merge(older);
  EXPECT_DOUBLE_EQ(both.observe().value, 53.0 / 66) << "what an earlier version counted counts on";
  older.merge(*read);
  EXPECT_EQ(older.serialize(), both.serialize());
}

/// Users differ in how content they are, and vote as often as they like.
TEST(ClusteredTrials, IntervalsHoldThoughUsersVoteOften) {
  std::mt19937_64 random(5);
  const auto runs = static_cast<int>(sampled(4'000, 200));
  constexpr double kTruth = 0.7;  // of the next user, as each counts three times at most
  int held = 0;
  int held_naive = 0;
  for (int run = 0; run < runs; ++run) {
    ClusteredTrials trials;
    double up = 0;
    double all = 0;
    for (uint64_t i = 0; i < 150; ++i) {
      const bool is_content = std::uniform_real_distribution(0.0, 1.0)(random) < 0.75;
      const double rate = is_content ? 0.9 : 0.1;  // 0.75 * 0.9 + 0.25 * 0.1 = 0.7
      const uint64_t votes = 1 + random() % 6;
      for (uint64_t vote = 0; vote < votes; ++vote) {
        const bool is_up = std::uniform_real_distribution(0.0, 1.0)(random) < rate;
        trials.add(is_up, user(i), 1);
        up += is_up ? 1 : 0;
        all += 1;
      }
    }
    const auto told = trials.told({});
    Observation seen;
    seen.kind = MeasureKind::rate;
    seen.value = told.rate;
    seen.n = seen.trials = told.effective_size;
    seen.successes = told.rate * told.effective_size;
    const Interval interval = confidence_interval(seen);
    held += interval.low <= kTruth && kTruth <= interval.high ? 1 : 0;
    const double half = 1.96 * std::sqrt(up / all * (1 - up / all) / all);
    held_naive += std::abs(up / all - kTruth) <= half ? 1 : 0;
  }
  if (!is_full_sample()) return;
  EXPECT_NEAR(static_cast<double>(held) / runs, 0.95, 0.012);
  EXPECT_LT(static_cast<double>(held_naive) / runs, 0.85) << "what counting each vote would claim";
}

}  // namespace
}  // namespace tidewatch
