#include "stream/evaluate/sample_book.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace tidewatch {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr int64_t kMinute = 60'000'000'000;

v1::EvalRequest request(int number, double rate, const std::string& stratum = "endpoint=/chat", int64_t period = 0) {
  v1::EvalRequest out;
  out.set_trace_id(fmt::format("trace-{:010}", number));
  out.set_stratum(stratum);
  out.set_rate(rate);
  out.set_period_unix_nano(period);
  out.set_time_unix_nano(period + 1);
  return out;
}

SamplingOptions options_of(double minimum_per_hour, double budget_per_hour) {
  SamplingOptions options;
  options.minimum_per_hour = minimum_per_hour;
  options.budget_per_hour = budget_per_hour;
  return options;
}

Timestamp at_minute(int64_t minute) { return Timestamp(Duration(minute * kMinute)); }

TEST(SampleBook, ChoosesWhenThePeriodHasEnded) {
  SampleBook book(options_of(0, 0));
  book.offer(request(1, 1));
  book.offer(request(2, 1, "endpoint=/chat", 10 * kMinute));
  EXPECT_THAT(book.take(at_minute(9)), IsEmpty());
  const auto first = book.take(at_minute(10));
  ASSERT_THAT(first, SizeIs(1));
  ASSERT_THAT(first[0].chosen, SizeIs(1));
  EXPECT_EQ(first[0].chosen[0].probability, 1);
  EXPECT_THAT(book.take(at_minute(60)), SizeIs(1));
  EXPECT_THAT(book.take(at_minute(60)), IsEmpty());
}

TEST(SampleBook, OfEachStratumAtLeastTheMinimum) {
  SampleBook book(options_of(60, 0));  // ten in ten minutes
  for (int i = 0; i < 200; ++i) book.offer(request(i, 0.01));
  for (int i = 200; i < 204; ++i) book.offer(request(i, 0.01, "endpoint=/rare"));
  const auto periods = book.take(at_minute(10));
  ASSERT_THAT(periods, SizeIs(1));
  std::map<std::string, int> chosen;
  for (const auto& one : periods[0].chosen) {
    ++chosen[one.request.stratum()];
    if (one.request.stratum() != "endpoint=/rare") continue;
    EXPECT_EQ(one.probability, 1) << "all there are";
  }
  EXPECT_GE(chosen["endpoint=/chat"], 10);
  EXPECT_LT(chosen["endpoint=/chat"], 30);
  EXPECT_EQ(chosen["endpoint=/rare"], 4);
}

TEST(SampleBook, ABudgetLowersTheRateAndBiasesNothing) {
  // Over many periods the weights still sum to the requests, with a budget that keeps a fifth of what was chosen.
  SampleBook book(options_of(0, 240));  // forty in ten minutes
  constexpr int kPeriods = 400;
  constexpr int kRequests = 1'000;
  for (int period = 0; period < kPeriods; ++period)
    for (int i = 0; i < kRequests; ++i) book.offer(request(period * kRequests + i, 0.2, "", period * 10 * kMinute));
  double sum = 0;
  double squares = 0;
  double kept = 0;
  for (const auto& period : book.take(at_minute(10 * kPeriods))) {
    EXPECT_THAT(period.chosen, SizeIs(40));
    EXPECT_GT(period.over_budget, 100u);
    double estimate = 0;
    kept += period.kept / kPeriods;
    for (const auto& one : period.chosen) estimate += 1 / *one.probability;
    sum += estimate / kPeriods;
    squares += estimate * estimate / kPeriods;
  }
  EXPECT_NEAR(kept, 0.2, 0.02);
  EXPECT_NEAR(sum, kRequests, 4 * std::sqrt((squares - sum * sum) / kPeriods));
}

TEST(SampleBook, WhatIsAlwaysLookedAtIsKeptAndLeavesHalfOfTheBudget) {
  SampleBook book(options_of(0, 240));
  for (int i = 0; i < 100; ++i) book.offer(request(i, 1));
  for (int i = 100; i < 400; ++i) book.offer(request(i, 0.5));
  const auto period = book.take(at_minute(10)).at(0);
  size_t always = 0;
  for (const auto& one : period.chosen) always += one.request.rate() == 1 ? 1 : 0;
  EXPECT_EQ(always, 100u);
  EXPECT_EQ(period.chosen.size() - always, 20u);
}

TEST(SampleBook, WhatIsReportedLateIsLookedAtAndNotCounted) {
  SampleBook book(options_of(0, 0));
  book.offer(request(1, 1));
  book.offer([] {
    auto late = request(1, 1);
    late.set_outside_sample(true);
    return late;
  }());
  const auto period = book.take(at_minute(10)).at(0);
  ASSERT_THAT(period.chosen, SizeIs(2));
  EXPECT_FALSE(period.chosen[0].probability.has_value());
  EXPECT_EQ(period.chosen[1].probability, 1);
}

TEST(SampleBook, WhatATaskOffersInAnyOrderGivesTheSame) {
  std::vector<std::vector<std::string>> chosen;
  for (const bool is_backwards : {false, true}) {
    SampleBook book(options_of(60, 120));
    for (int i = 0; i < 300; ++i) {
      const int number = is_backwards ? 299 - i : i;
      book.offer(request(number, 0.1, number % 3 == 0 ? "a" : "b"));
    }
    auto& ids = chosen.emplace_back();
    const auto periods = book.take(at_minute(10));
    for (const auto& one : periods.at(0).chosen)
      ids.push_back(one.request.trace_id() + std::to_string(*one.probability));
  }
  EXPECT_EQ(chosen[0], chosen[1]);
  EXPECT_THAT(chosen[0], SizeIs(20));
}

}  // namespace
}  // namespace tidewatch
