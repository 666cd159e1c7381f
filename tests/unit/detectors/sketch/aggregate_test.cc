#include "detectors/sketch/aggregate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "detectors/sketch/distinct.h"
#include "detectors/sketch/exemplar.h"
#include "unit/detectors/sketch/damage.h"

namespace tidewatch {
namespace {

Exemplar exemplar(uint64_t trace) {
  Exemplar e;
  e.trace_id.assign(16, '\0');
  std::copy_n(reinterpret_cast<const char*>(&trace), sizeof(trace), e.trace_id.begin());
  e.topic = "otlp_spans";
  e.partition = static_cast<int32_t>(trace % 4);
  e.offset = static_cast<int64_t>(trace);
  e.time = Timestamp(Duration(static_cast<int64_t>(trace) * 1'000'000));
  return e;
}

/// Adds something plausible of the kind, the same for the same event number.
void add_event(Aggregate& into, uint64_t event) {
  std::mt19937_64 random(event);
  const double weight = event % 5 == 0 ? 1 / 0.3 : 1.0;
  const Exemplar trace = exemplar(event);
  switch (into.kind()) {
    case MeasureKind::rate:
      return into.add_trial(random() % 10 == 0, weight, &trace);
    case MeasureKind::distribution:
    case MeasureKind::sum:
      return into.add_value(std::lognormal_distribution<double>(0, 2)(random) - 0.1, weight, &trace);
    case MeasureKind::distinct:
      return into.add_key(random() % 2000);
    case MeasureKind::composition:
      return into.add_category("model-" + std::to_string(random() % 40), weight);
  }
}

class EveryKind : public testing::TestWithParam<MeasureKind> {};
INSTANTIATE_TEST_SUITE_P(Aggregate, EveryKind,
                         testing::Values(MeasureKind::rate, MeasureKind::distribution, MeasureKind::sum,
                                         MeasureKind::distinct, MeasureKind::composition),
                         [](const auto& param) { return std::string(name_of(param.param)); });

TEST_P(EveryKind, GivesTheSameBytesHoweverTheEventsWereSplitAndMerged) {
  constexpr uint64_t kEvents = 3000;
  Aggregate whole(GetParam());
  for (uint64_t event = 0; event < kEvents; ++event) add_event(whole, event);
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    std::mt19937_64 random(seed);
    std::vector<Aggregate> parts(1 + random() % 20, Aggregate(GetParam()));
    std::vector<uint64_t> order(kEvents);
    for (uint64_t event = 0; event < kEvents; ++event) order[event] = event;
    std::shuffle(order.begin(), order.end(), random);
    for (const uint64_t event : order) add_event(parts[random() % parts.size()], event);
    while (parts.size() > 1) {  // merges random neighbours, through the wire
      const size_t at = random() % (parts.size() - 1);
      auto other = Aggregate::deserialize(parts[at + 1].serialize());
      ASSERT_TRUE(other.ok());
      if (random() % 2 == 0) {
        parts[at].merge(*other);
      } else {
        other->merge(parts[at]);
        parts[at] = *other;
      }
      parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(at) + 1);
    }
    EXPECT_EQ(parts[0].serialize(), whole.serialize()) << "seed " << seed;
  }
}

TEST_P(EveryKind, ComesBackFromItsBytes) {
  Aggregate aggregate(GetParam(), WorstEnd::smallest);
  for (uint64_t event = 0; event < 500; ++event) add_event(aggregate, event);
  const auto back = Aggregate::deserialize(aggregate.serialize());
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->kind(), GetParam());
  EXPECT_EQ(back->worst_end(), WorstEnd::smallest);
  EXPECT_EQ(back->serialize(), aggregate.serialize());
  EXPECT_EQ(back->exemplars(), aggregate.exemplars());
  EXPECT_EQ(back->observe().value, aggregate.observe().value);
  EXPECT_EQ(back->observe().variance, aggregate.observe().variance);
}

TEST_P(EveryKind, SaysMissingAndNotZeroWhenEmpty) {
  const Aggregate aggregate(GetParam());
  EXPECT_TRUE(aggregate.empty());
  EXPECT_TRUE(aggregate.observe().missing());
  EXPECT_TRUE(std::isnan(aggregate.observe().value));
  EXPECT_EQ(aggregate.observe().kind, GetParam());
  EXPECT_TRUE(Aggregate::deserialize(aggregate.serialize())->empty());
}

TEST_P(EveryKind, ReadsDamagedBytesAsAnErrorOrAsSomeAggregate) {
  Aggregate aggregate(GetParam());
  for (uint64_t event = 0; event < 300; ++event) add_event(aggregate, event);
  const size_t read = for_each_damage(aggregate.serialize(), [&](const std::string& damaged) {
    auto back = Aggregate::deserialize(damaged);
    if (!back) return;
    // What was accepted must be usable.
    static_cast<void>(back->observe(Statistic::p95));
    static_cast<void>(back->memory_bytes());
    if (back->kind() == GetParam() && back->worst_end() == WorstEnd::largest) back->merge(aggregate);
    static_cast<void>(back->serialize());
  });
  EXPECT_GT(read, 1000u);
}

TEST_P(EveryKind, RefusesAnotherVersionByName) {
  std::string bytes = Aggregate(GetParam()).serialize();
  bytes[0] = 9;
  const auto back = Aggregate::deserialize(bytes);
  ASSERT_FALSE(back.ok());
  EXPECT_EQ(back.error().code, "unknown_version");
  EXPECT_EQ(back.error().message, "aggregate: version 9 of the serialised form, this program reads 3 and older");
}

TEST_P(EveryKind, CopiesAreIndependent) {
  Aggregate original(GetParam());
  add_event(original, 1);
  const std::string before = original.serialize();
  Aggregate copy = original;
  for (uint64_t event = 2; event < 50; ++event) add_event(copy, event);
  EXPECT_EQ(original.serialize(), before);
  EXPECT_NE(copy.serialize(), before);
}

TEST(AggregateRate, CountsSuccessesOfTrials) {
  Aggregate aggregate(MeasureKind::rate);
  for (int i = 0; i < 200; ++i) aggregate.add_trial(i < 30);
  const auto seen = aggregate.observe();
  EXPECT_EQ(seen.successes, 30);
  EXPECT_EQ(seen.trials, 200);
  EXPECT_EQ(seen.value, 0.15);
}

TEST(AggregateRate, ScalesSampledTrialsToTheirEffectiveNumber) {
  // 100 trials seen in full with 10 successes, and 10 of a stratum sampled 1 in 10, with 5 successes:
  // estimate (10 + 50)/200. Σw² of successes 510, of failures 590, and 5.5² of one more each: (65.5/211)(145.5/211)
  // times 211² / (540.25 (145.5/211)² + 620.25 (65.5/211)²), less the two.
  Aggregate aggregate(MeasureKind::rate);
  for (int i = 0; i < 100; ++i) aggregate.add_trial(i < 10);
  for (int i = 0; i < 10; ++i) aggregate.add_trial(i < 5, 10.0);
  const auto seen = aggregate.observe();
  EXPECT_NEAR(seen.value, 0.3, 1e-12);
  EXPECT_NEAR(seen.trials, 65.5 * 145.5 / (540.25 * 145.5 * 145.5 + 620.25 * 65.5 * 65.5) * 211 * 211 - 2, 1e-9);
  EXPECT_NEAR(seen.successes, 0.3 * seen.trials, 1e-9);
  EXPECT_EQ(aggregate.weight(), 200);
}

TEST(AggregateRate, TakesBackAWithdrawnTrialEvenWhenTheWithdrawalComesFirst) {
  Aggregate correction(MeasureKind::rate);
  correction.add_trial(true, -1.0);
  EXPECT_TRUE(correction.observe().missing());
  EXPECT_FALSE(correction.empty());
  Aggregate trials(MeasureKind::rate);
  trials.add_trial(true);
  trials.add_trial(false);
  correction.merge(trials);
  EXPECT_EQ(correction.observe().trials, 1);
  EXPECT_EQ(correction.observe().successes, 0);
}

TEST(AggregateRate, IsSmall) {
  Aggregate aggregate(MeasureKind::rate);
  for (int i = 0; i < 1000; ++i) aggregate.add_trial(i % 7 == 0);
  EXPECT_LE(aggregate.memory_bytes(), 48u);
  EXPECT_LE(aggregate.serialize().size(), 8u);
}

TEST(AggregateDistribution, GivesMeanAndQuantilesWithTheirErrors) {
  // 2,000 samples from a log-normal law: the errors observe() states must match the scatter of the estimates. A
  // variance estimated from 2,000 replicates is itself within 10 %. The square of an interval between order statistics
  // is biased upwards by the interval's own scatter, most where few values lie beyond the quantile.
  std::mt19937_64 random(7);
  std::lognormal_distribution<double> law(0, 0.5);
  struct Case {
    Statistic statistic;
    int values;
    double low, high;
  };
  for (const auto& [statistic, values, low, high] :
       {Case{Statistic::mean, 101, 0.9, 1.1}, Case{Statistic::p50, 101, 0.9, 1.4}, Case{Statistic::p95, 101, 0.9, 1.7},
        Case{Statistic::p99, 101, 0.7, 2.0}, Case{Statistic::p95, 20, 0.7, 2.5}, Case{Statistic::p99, 1001, 0.9, 1.6},
        Case{Statistic::p50, 5, 0.8, 2.0}}) {
    double sum = 0, squares = 0, stated = 0;
    constexpr int kReplicates = 2000;
    for (int replicate = 0; replicate < kReplicates; ++replicate) {
      Aggregate aggregate(MeasureKind::distribution);
      for (int i = 0; i < values; ++i) aggregate.add_value(law(random));
      const auto seen = aggregate.observe(statistic);
      sum += seen.value;
      squares += seen.value * seen.value;
      stated += seen.variance;
    }
    const double actual = squares / kReplicates - sum / kReplicates * (sum / kReplicates);
    EXPECT_GT(stated / kReplicates / actual, low) << name_of(statistic) << " of " << values;
    EXPECT_LT(stated / kReplicates / actual, high) << name_of(statistic) << " of " << values;
  }
}

TEST(AggregateDistribution, DoesNotClaimToKnowAnythingFromOneValue) {
  Aggregate aggregate(MeasureKind::distribution);
  aggregate.add_value(3.0);
  for (const auto statistic : {Statistic::mean, Statistic::p50, Statistic::p99}) {
    const auto seen = aggregate.observe(statistic);
    EXPECT_EQ(seen.n, 1);
    EXPECT_NEAR(seen.value, 3.0, 0.03);
    EXPECT_NEAR(std::sqrt(seen.variance), 3.0, 0.1);
  }
}

TEST(AggregateDistribution, OrdersNegativeValues) {
  Aggregate aggregate(MeasureKind::distribution);
  for (int i = -50; i <= 50; ++i) aggregate.add_value(i);
  EXPECT_NEAR(aggregate.quantile(0), -50, 0.51);
  EXPECT_NEAR(aggregate.quantile(0.25), -25, 0.26);
  EXPECT_EQ(aggregate.quantile(0.5), 0);
  EXPECT_NEAR(aggregate.quantile(0.75), 25, 0.26);
  EXPECT_NEAR(aggregate.quantile(1), 50, 0.51);
}

TEST(AggregateDistribution, TakesBackWithdrawnValuesExactly) {
  Aggregate expected(MeasureKind::distribution);
  Aggregate corrected(MeasureKind::distribution);
  for (int i = 1; i <= 40; ++i) {
    const double value = std::sqrt(i);
    if (i % 4 == 0) corrected.add_value(value, -1.0);
    corrected.add_value(value);
    if (i % 4 != 0) expected.add_value(value);
  }
  for (const auto statistic : {Statistic::mean, Statistic::p50, Statistic::p95}) {
    EXPECT_EQ(corrected.observe(statistic).value, expected.observe(statistic).value);
    EXPECT_EQ(corrected.observe(statistic).variance, expected.observe(statistic).variance);
  }
}

TEST(AggregateDistribution, CountsWhatIsNoNumber) {
  Aggregate aggregate(MeasureKind::distribution);
  aggregate.add_value(1);
  aggregate.add_value(NAN);
  aggregate.add_value(INFINITY);
  aggregate.add_value(-1e200);
  EXPECT_EQ(aggregate.rejected(), 3);
  EXPECT_EQ(aggregate.observe().n, 1);
}

TEST(AggregateSum, CountsUnitContributionsAsEvents) {
  Aggregate aggregate(MeasureKind::sum);
  for (int i = 0; i < 250; ++i) aggregate.add_value(1);
  const auto seen = aggregate.observe();
  EXPECT_EQ(seen.value, 250);
  EXPECT_EQ(seen.events, 250);
  EXPECT_EQ(seen.variance, 250);
}

TEST(AggregateSum, HasFewerEventsWhenOneContributionDominates) {
  Aggregate aggregate(MeasureKind::sum);
  for (int i = 0; i < 100; ++i) aggregate.add_value(1);
  aggregate.add_value(900);
  const auto seen = aggregate.observe();
  EXPECT_EQ(seen.value, 1000);
  EXPECT_NEAR(seen.events, 1e6 / (100 + 810000), 1e-9);
}

TEST(AggregateSum, EstimatesTheWholeFromASample) {
  // A sampled contribution of weight w stands for w of them, and adds (w·x)² to the variance of the total.
  Aggregate aggregate(MeasureKind::sum);
  for (int i = 0; i < 10; ++i) aggregate.add_value(2, 4.0);
  EXPECT_EQ(aggregate.observe().value, 80);
  EXPECT_EQ(aggregate.observe().variance, 10 * 64);
  EXPECT_EQ(aggregate.observe().n, 10);
}

TEST(AggregateDistinct, CountsDifferentKeys) {
  Aggregate aggregate(MeasureKind::distinct);
  for (int i = 0; i < 1000; ++i) aggregate.add_key(hash_key("user-" + std::to_string(i % 50)));
  EXPECT_NEAR(aggregate.observe().value, 50, 1e-3);
}

TEST(AggregateComposition, CountsCategories) {
  Aggregate aggregate(MeasureKind::composition);
  aggregate.add_category("stop", 3);
  aggregate.add_category("length");
  EXPECT_EQ(aggregate.observe().value, 2);
  EXPECT_EQ(aggregate.observe().n, 4);
  EXPECT_EQ(aggregate.categories().weight_of("stop"), 3);
}

TEST(AggregateExemplars, ShowTheSuccessesOfARate) {
  Aggregate aggregate(MeasureKind::rate);
  for (uint64_t trace = 1; trace <= 100; ++trace) {
    const auto e = exemplar(trace);
    aggregate.add_trial(trace % 10 == 0, 1.0, &e);
  }
  const auto kept = aggregate.exemplars();
  ASSERT_EQ(kept.size(), ExemplarSet::kWorst);
  for (const auto& e : kept) EXPECT_EQ(e.offset % 10, 0);
}

TEST(AggregateExemplars, ShowTheFailuresWhenThoseAreTheBadEnd) {
  Aggregate aggregate(MeasureKind::rate, WorstEnd::smallest);
  for (uint64_t trace = 1; trace <= 100; ++trace) {
    const auto e = exemplar(trace);
    aggregate.add_trial(trace % 10 != 0, 1.0, &e);
  }
  const auto kept = aggregate.exemplars();
  ASSERT_EQ(kept.size(), ExemplarSet::kWorst);
  for (const auto& e : kept) EXPECT_EQ(e.offset % 10, 0);
}

TEST(AggregateExemplars, ShowTheLargestValuesFirstAndThenTypicalOnes) {
  Aggregate aggregate(MeasureKind::distribution);
  for (uint64_t trace = 1; trace <= 1000; ++trace) {
    const auto e = exemplar(trace);
    aggregate.add_value(static_cast<double>(trace), 1.0, &e);
  }
  const auto kept = aggregate.exemplars();
  ASSERT_EQ(kept.size(), ExemplarSet::kWorst + ExemplarSet::kTypical);
  EXPECT_EQ(kept[0].value, 1000);
  EXPECT_EQ(kept[1].value, 999);
  EXPECT_EQ(kept[2].value, 998);
  EXPECT_LT(kept[3].value, 998);
  EXPECT_EQ(kept[0].trace_id, exemplar(1000).trace_id);
  EXPECT_EQ(kept[0].topic, "otlp_spans");
}

TEST(AggregateExemplars, ShowATraceOnce) {
  Aggregate aggregate(MeasureKind::distribution);
  const auto e = exemplar(1);
  for (int i = 0; i < 10; ++i) aggregate.add_value(i, 1.0, &e);
  ASSERT_EQ(aggregate.exemplars().size(), 1u);
  EXPECT_EQ(aggregate.exemplars()[0].value, 9);
}

TEST(AggregateExemplars, AreGoneWhenEveryBadTrialWasWithdrawn) {
  Aggregate aggregate(MeasureKind::rate);
  const auto e = exemplar(1);
  aggregate.add_trial(true, 1.0, &e);
  aggregate.add_trial(false, 1.0, &e);
  EXPECT_EQ(aggregate.exemplars().size(), 1u);
  aggregate.add_trial(true, -1.0);
  EXPECT_TRUE(aggregate.exemplars().empty());
}

TEST(AggregateExemplars, DoNotCountWithdrawals) {
  Aggregate aggregate(MeasureKind::rate);
  const auto e = exemplar(1);
  aggregate.add_trial(true, -1.0, &e);
  EXPECT_TRUE(aggregate.exemplars().empty());
}

}  // namespace
}  // namespace tidewatch
