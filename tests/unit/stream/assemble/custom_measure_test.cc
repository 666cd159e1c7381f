#include "stream/assemble/custom_measure.h"

#include <gtest/gtest.h>

#include "stream/assemble/facts.h"
#include "tests/unit/stream/assemble/assemble_run.h"

namespace tidewatch {
namespace {

CustomMeasure custom(std::string_view name, MeasureKind kind, CountedOver of, std::vector<Matcher> where,
                     std::string_view value = "") {
  CustomMeasure out;
  out.info = {std::string(name), kind, Unit::count, MeasureClass::behaviour, Worse::none, 0, ""};
  out.of = of;
  out.where = std::move(where);
  out.value = std::string(value);
  return out;
}
Matcher above(std::string_view field, double limit) { return {std::string(field), limit, {}, {}, {}}; }
Matcher below(std::string_view field, double limit) { return {std::string(field), {}, limit, {}, {}}; }
Matcher one_of(std::string_view field, std::vector<std::string> values) {
  return {std::string(field), {}, {}, std::move(values), {}};
}
Matcher none_of(std::string_view field, std::vector<std::string> values) {
  return {std::string(field), {}, {}, {}, std::move(values)};
}

AssembleRun run_with(std::vector<CustomMeasure> measures) {
  AssembleOptions options;
  options.measures = std::move(measures);
  options.prices = {{"gpt-x", "", 1.0, 1.0, {}, {}, 0}};
  return AssembleRun(options);
}

void feed_two(AssembleRun& run) {
  auto entry = root("r", 0, 4);
  label(entry, "segment", "paid");
  auto failing = llm("m2", "r", 2, 3, "gpt-x", 100, 3000);
  failed(failing, "timeout");
  auto tool = span("t", "r", 3, 3.5, v1::OPERATION_TOOL);
  tool.set_tool_name("search");
  run.feed(fragment("t", {entry, llm("m1", "r", 1, 2), failing, tool}));
  auto documents = span("d", "r", 0, 1, v1::OPERATION_RETRIEVAL);
  documents.set_documents(3);
  documents.set_retrieval_score(0.5);
  auto more = documents;
  more.set_span_id("d2");
  more.set_retrieval_score(0.25);
  run.feed(fragment("u", {root("r", 0, 20), documents, more, llm("m", "r", 1, 2, "gpt-x", -1, -1)}));
  run.watermark(100);
}

TEST(CustomMeasure, ARateIsTheShareOfWhatItIsCountedOver) {
  auto run =
      run_with({custom("long_answers", MeasureKind::rate, CountedOver::llm_calls, {above("output_tokens", 2000)}),
                custom("slow", MeasureKind::rate, CountedOver::requests, {above("latency", 10)})});
  feed_two(run);
  EXPECT_EQ(run.seen(kService, "long_answers").trials, 3);
  EXPECT_NEAR(run.value(kService, "long_answers"), 1.0 / 3, 1e-12);
  EXPECT_EQ(run.value(kService, "slow"), 0.5);
}

TEST(CustomMeasure, ASumWithoutValueCountsAndWithOneAdds) {
  auto run = run_with(
      {custom("paid", MeasureKind::sum, CountedOver::requests, {one_of("segment", {"paid", "gold"})}),
       custom("paid_tokens", MeasureKind::sum, CountedOver::requests, {one_of("segment", {"paid"})}, "output_tokens")});
  feed_two(run);
  EXPECT_EQ(run.value(kService, "paid"), 1);
  EXPECT_EQ(run.value(kService, "paid_tokens"), 3020) << "over the calls of the request";
}

TEST(CustomMeasure, KnowsTextsNumbersAndRanges) {
  auto run =
      run_with({custom("timeouts", MeasureKind::rate, CountedOver::llm_calls, {one_of("error_kind", {"timeout"})}),
                custom("tools", MeasureKind::composition, CountedOver::tool_calls, {}, "tool"),
                custom("callers", MeasureKind::distinct, CountedOver::requests, {}, "segment"),
                custom("mid", MeasureKind::rate, CountedOver::llm_calls,
                       {above("output_tokens", 10), below("output_tokens", 100)}),
                custom("unpaid", MeasureKind::sum, CountedOver::requests, {none_of("segment", {"paid"})}),
                custom("docs", MeasureKind::distribution, CountedOver::requests, {}, "documents"),
                custom("best", MeasureKind::distribution, CountedOver::requests, {}, "retrieval_score"),
                custom("steps", MeasureKind::distribution, CountedOver::requests, {}, "calls")});
  // "tools" is built in, with the same kind: the config may not give it another meaning, but may name it.
  feed_two(run);
  EXPECT_NEAR(run.value(kService, "timeouts"), 1.0 / 3, 1e-12);
  EXPECT_NEAR(run.value(kService, "callers"), 1, 1e-3);
  EXPECT_NEAR(run.value(kService, "mid"), 1.0 / 3, 1e-12);
  EXPECT_FALSE(run.has(kService, "unpaid")) << "what is unknown fulfils no condition";
  EXPECT_EQ(run.value(kService, "docs"), 6);
  EXPECT_EQ(run.value(kService, "best"), 0.5);
  EXPECT_EQ(run.value(kService, "steps"), 1.5);
}

TEST(CustomMeasure, TheCostOfARequestIsUnknownWhenThatOfACallIs) {
  auto run = run_with({custom("dear", MeasureKind::distribution, CountedOver::requests, {}, "cost")});
  run.feed(fragment("t", {root("r", 0, 4), llm("m", "r", 1, 2), llm("n", "r", 1, 2, "claude")}));
  run.feed(fragment("u", {root("r", 0, 4), llm("m", "r", 1, 2, "gpt-x", 1'000'000, 0)}));
  run.watermark(100);
  EXPECT_EQ(run.seen(kService, "dear").n, 1);
  EXPECT_EQ(run.value(kService, "dear"), 1.0);
  EXPECT_EQ(run.value(kService, "cost_per_request"), 1.0);
  EXPECT_NEAR(run.value(kService, "unpriced_rate"), 1.0 / 3, 1e-12);
}

TEST(Measures, OfAnAnswerCountOncePerRequestAndOnlyWhereTheyAreKnown) {
  AssembleRun run;
  auto first = llm("m1", "r", 1, 2);
  answered(first, true);
  auto last = llm("m2", "r", 2, 3);
  answered(last, false);
  last.mutable_signals()->set_truncated(true);
  last.mutable_signals()->set_schema_mismatch(false);
  run.feed(fragment("t", {root("r", 0, 4), first, last}));
  run.watermark(100);
  EXPECT_EQ(run.seen(kService, "refusal_rate").trials, 1);
  EXPECT_EQ(run.value(kService, "refusal_rate"), 0) << "the last answer is the answer";
  EXPECT_EQ(run.value(kService, "soft_error_rate"), 1);
  EXPECT_EQ(run.value(kService, "schema_mismatch_rate"), 0);
  EXPECT_FALSE(run.has(kService, "unsafe_rate"));
}

TEST(Measures, TimePerOutputTokenIsOfTheTokensAfterTheFirst) {
  AssembleRun run;
  auto call = llm("m", "r", 1, 4, "gpt-x", 10, 21);
  call.set_time_to_first_token_nano(1'000'000'000);
  run.feed(fragment("t", {root("r", 0, 5), call}));
  run.watermark(100);
  EXPECT_EQ(run.value(kService, "time_to_first_token"), 1);
  EXPECT_DOUBLE_EQ(run.value(kService, "time_per_output_token"), 0.1);
}

}  // namespace
}  // namespace tidewatch
