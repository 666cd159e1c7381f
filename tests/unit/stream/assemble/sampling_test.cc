#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <set>

#include "stream/assemble/sampler.h"
#include "tests/unit/stream/assemble/assemble_run.h"

namespace tidewatch {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<v1::EvalRequest> candidates(AssembleRun& run) {
  std::vector<v1::EvalRequest> out;
  for (const Output& output : run.out().outputs()) {
    if (output.stream != Stream::eval_requests) continue;
    EXPECT_TRUE(out.emplace_back().ParseFromString(output.value));
    EXPECT_EQ(output.key, std::to_string(out.back().period_unix_nano()));
  }
  return out;
}

AssembleOptions sampled(double random, double minimum_per_hour = 0) {
  AssembleOptions options;
  options.sampling.random = random;
  options.sampling.minimum_per_hour = minimum_per_hour;
  options.sampling.strata = {"endpoint"};
  return options;
}

/// A request that ends at `second`, of 32 characters as a trace id is of 16 bytes.
v1::Fragment request(int number, double second, bool is_refusal = false, int64_t offset = 0) {
  auto call = llm("m", "r", second - 1, second);
  answered(call, is_refusal);
  return fragment(fmt::format("trace-{:010}", number), {root("r", second - 2, second), call}, offset);
}

TEST(Sampling, IsOffWithoutARate) {
  AssembleRun run;
  for (int i = 0; i < 100; ++i) run.feed(request(i, 5));
  run.watermark(10'000);
  EXPECT_THAT(candidates(run), IsEmpty());
}

TEST(Sampling, OffersWhatItsRateChoosesWhenThePeriodHasEnded) {
  AssembleRun run(sampled(0.25));
  for (int i = 0; i < 1'000; ++i) run.feed(request(i, 5 + 0.5 * i, false, i));
  run.watermark(520);
  EXPECT_THAT(candidates(run), IsEmpty()) << "the ten minutes have not passed";
  run.watermark(660);
  const auto chosen = candidates(run);
  EXPECT_NEAR(static_cast<double>(chosen.size()), 250, 60);
  EXPECT_EQ(run.count("eval_candidates"), chosen.size());
  for (const auto& one : chosen) {
    EXPECT_LT(sampling_rank(one.trace_id()), 0.25);
    EXPECT_EQ(one.rate(), 0.25);
    EXPECT_EQ(one.stratum(), "endpoint=/chat");
    EXPECT_EQ(one.period_unix_nano(), nanos(0));
    EXPECT_THAT(one.targets(), IsEmpty());
    ASSERT_THAT(one.sources(), SizeIs(1));
    EXPECT_GE(one.time_unix_nano(), nanos(5));
  }
  run.watermark(2'000);
  EXPECT_THAT(candidates(run), SizeIs(chosen.size())) << "once";
}

TEST(Sampling, OffersOneMoreThanTheMinimumOfEachStratum) {
  AssembleRun run(sampled(0, 30));  // five in ten minutes
  for (int i = 0; i < 40; ++i) run.feed(request(i, 5));
  for (int i = 100; i < 103; ++i) {
    auto entry = root("r", 3, 5);
    entry.mutable_labels()->Clear();
    label(entry, "service", "shop");
    label(entry, "endpoint", "/rare");
    run.feed(fragment(fmt::format("trace-{:010}", i), {entry, llm("m", "r", 4, 5)}));
  }
  run.watermark(700);
  std::map<std::string, int> by_stratum;
  for (const auto& one : candidates(run)) ++by_stratum[one.stratum()];
  EXPECT_THAT(by_stratum, ElementsAre(testing::Pair("endpoint=/chat", 6), testing::Pair("endpoint=/rare", 3)));
}

TEST(Sampling, TasksTogetherOfferWhatOneTaskWould) {
  const auto options = sampled(0.05, 60);
  AssembleRun whole(options);
  std::deque<AssembleRun> parts;
  for (int i = 0; i < 3; ++i) parts.emplace_back(options);
  for (int i = 0; i < 400; ++i) {
    whole.feed(request(i, 5));
    parts[static_cast<size_t>(i) % 3].feed(request(i, 5));
  }
  whole.watermark(700);
  std::set<std::string> of_parts;
  for (auto& part : parts) {
    part.watermark(700);
    for (const auto& one : candidates(part)) of_parts.insert(one.trace_id());
  }
  for (const auto& one : candidates(whole)) EXPECT_THAT(of_parts, Contains(one.trace_id()));
}

TEST(Sampling, SeeksOutWhatTheConfigNames) {
  auto options = sampled(0.01);
  Matcher refused;
  refused.field = "refusal";
  refused.above = 0;
  options.sampling.targets = {{"refusals", {refused}, 1}};
  AssembleRun run(options);
  for (int i = 0; i < 300; ++i) run.feed(request(i, 5, i % 10 == 0));
  run.watermark(700);
  size_t refusals = 0;
  for (const auto& one : candidates(run)) {
    if (one.targets().empty()) continue;
    ++refusals;
    EXPECT_THAT(one.targets(), ElementsAre("refusals"));
    EXPECT_EQ(one.rate(), 1);
  }
  EXPECT_EQ(refusals, 30u);
}

TEST(Sampling, WhatAUserReportsIsAlwaysChosen) {
  AssembleRun run(sampled(1e-6));
  for (int i = 0; i < 50; ++i) run.feed(request(i, 5));
  run.feed(fragment("trace-0000000007", thumb("bad", 6, false)));
  run.feed(fragment("trace-0000000008", thumb("good", 6, true)));
  run.feed(fragment("trace-0000000010", thumb("from far ahead", 900, false)));
  run.watermark(100);
  ASSERT_THAT(candidates(run), SizeIs(1)) << "reported after its period: known now already, and not part of the sample";
  EXPECT_TRUE(candidates(run)[0].outside_sample());
  run.feed(fragment("trace-0000000011", thumb("soon after", 400, false)));
  run.watermark(700);
  ASSERT_THAT(candidates(run), SizeIs(3));
  const auto soon = candidates(run)[sampling_rank("trace-0000000011") < sampling_rank("trace-0000000007") ? 1 : 2];
  EXPECT_EQ(soon.trace_id(), "trace-0000000011");
  EXPECT_EQ(soon.rate(), 1);
  EXPECT_FALSE(soon.outside_sample());
  const auto in_time = candidates(run)[sampling_rank("trace-0000000011") < sampling_rank("trace-0000000007") ? 2 : 1];
  EXPECT_EQ(in_time.trace_id(), "trace-0000000007");
  EXPECT_THAT(in_time.targets(), ElementsAre(std::string(Sampler::kReported)));
  EXPECT_EQ(in_time.rate(), 1);
  EXPECT_FALSE(in_time.outside_sample());

  run.feed(fragment("trace-0000000009", thumb("late", 800, false)));
  run.feed(fragment("trace-0000000009", thumb("again", 801, false)));
  run.feed(fragment("trace-0000000007", thumb("known", 802, false)));
  run.watermark(900);
  ASSERT_THAT(candidates(run), SizeIs(4)) << "once a request";
  const auto late = candidates(run).back();
  EXPECT_EQ(late.trace_id(), "trace-0000000009");
  EXPECT_TRUE(late.outside_sample());
  EXPECT_THAT(late.sources(), SizeIs(1));
  EXPECT_EQ(late.time_unix_nano(), nanos(5));
}

TEST(Sampling, ARequestThatComesAfterItsPeriodWasChosenFromIsCounted) {
  AssembleRun run(sampled(1));
  run.feed(request(1, 5));
  run.watermark(700);
  run.feed(request(2, 6));
  run.watermark(800);
  EXPECT_THAT(candidates(run), SizeIs(1));
  EXPECT_EQ(run.count("unsampled_requests"), 1u);
}

TEST(Sampling, NamesEveryRecordThatSaysSomethingOfTheRequest) {
  const auto choice = [] {
    auto out = span("m", "", 2, 2, v1::OPERATION_UNKNOWN);
    out.set_from_log(true);
    out.mutable_signals()->set_output_chars(5);
    return out;
  };
  AssembleRun run(sampled(1));
  run.feed(fragment("trace-0000000001", {root("r", 0, 3)}, 11));
  run.feed(fragment("trace-0000000001", {llm("m", "r", 1, 2)}, 13));
  run.feed(fragment("trace-0000000001", {choice()}, 12));
  run.feed(fragment("trace-0000000001", {choice()}, 10));  // a copy
  run.watermark(700);
  const auto chosen = candidates(run);
  ASSERT_THAT(chosen, SizeIs(1));
  std::vector<int64_t> offsets;
  for (const auto& source : chosen[0].sources()) offsets.push_back(source.offset());
  EXPECT_THAT(offsets, ElementsAre(10, 11, 13));
}

}  // namespace
}  // namespace tidewatch
