#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "app/testset/test_set.h"
#include "tests/unit/app/command_run.h"

namespace tidewatch::app_test {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using Json = nlohmann::json;

std::string trace_of(int number) { return fmt::format("{:032x}", number + 1); }

Json attribute(const char* key, const std::string& value) {
  return {{"key", key}, {"value", {{"stringValue", value}}}};
}

/// A request that asks one of forty questions, a second after the one before; every tenth answer is long.
std::string span(int number) {
  const Json asked =
      Json::array({{{"role", "user"}, {"content", fmt::format("Question {}? Write to me@corp.com.", number % 40)}}});
  const Json said =
      Json::array({{{"role", "assistant"}, {"content", number % 10 == 0 ? "a b c d e f g h i j k l" : "a short one"}}});
  const int64_t start = 1'767'225'600'000'000'000 + number * 1'000'000'000LL;
  const Json out = {
      {"traceId", trace_of(number)},
      {"spanId", fmt::format("{:016x}", number + 1)},
      {"name", "chat"},
      {"kind", 2},
      {"startTimeUnixNano", std::to_string(start)},
      {"endTimeUnixNano", std::to_string(start + 500'000'000)},
      {"attributes", Json::array({attribute("gen_ai.operation.name", "chat"), attribute("http.route", "/chat"),
                                  attribute("session.id", fmt::format("s{}", number)),
                                  attribute("gen_ai.input.messages", asked.dump()),
                                  attribute("gen_ai.output.messages", said.dump())})}};
  const Json resource = {{"attributes", Json::array({attribute("service.name", "shop")})}};
  const Json scope = {{"spans", Json::array({out})}};
  return Json{{"resourceSpans", Json::array({{{"resource", resource}, {"scopeSpans", Json::array({scope})}}})}}.dump() +
         "\n";
}

std::string spans_of(int requests) {
  std::string out;
  for (int i = 0; i < requests; ++i) out += span(i);
  return written("spans.jsonl", out);
}

constexpr const char* kConfig = "sampling: {random: 10%}\nvalidators: {short: {check: length, max_words: 10}}\n";

TEST(TestsetCommand, CreatesItemsOfWhatProductionWasAsked) {
  const std::string votes = written(
      "votes.jsonl", fmt::format(R"({{"trace_id":"{}","thumb":"down","time":"2026-01-01T00:01:20Z"}})", trace_of(10)));
  const std::string reviews = written(
      "reviews.jsonl",
      fmt::format(
          R"({{"trace_id":"{}","name":"helpful","passed":false,"evaluator":"human","time":"2026-01-01T01:00:00Z"}})"
          "\n"
          R"({{"trace_id":"{}","name":"helpful","passed":true,"evaluator":"human","time":"2026-01-01T01:00:00Z"}})"
          "\n",
          trace_of(23), trace_of(99'999)));
  const std::string out = written("set.jsonl", "");
  const auto outcome =
      run_command({"testset", "create", "--config", written("tw.yaml", kConfig), "--spans", spans_of(1'000),
                   "--feedback", votes, "--reviews", reviews, "--name", "shop", "--out", out});
  ASSERT_EQ(outcome.exit, Exit::ok) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("of 1000 requests chosen"), HasSubstr("1 reviewed answers found, 1 not"),
                                 HasSubstr("shop version 1")));
  const auto set = read_test_set(out);
  ASSERT_TRUE(set.ok()) << set.error().message;
  EXPECT_EQ(set->name, "shop");
  EXPECT_GT(set->items.size(), 25u);
  EXPECT_LE(set->items.size(), 40u) << "each question once";
  double stands_for = 0;
  for (const TestItem& item : set->items) {
    stands_for += item.weight;
    EXPECT_THAT(item.messages.back().content, AllOf(HasSubstr("Question"), Not(HasSubstr("me@corp.com"))));
    if (item.trace_id == trace_of(10)) {
      EXPECT_THAT(item.tags, AllOf(Contains("reported"), Contains("failed_short")));
    }
    EXPECT_FALSE(item.labels.contains("session"));
  }
  EXPECT_NEAR(stands_for, 1'000, 250);
  bool is_reviewed = false;
  for (const TestItem& item : set->items) {
    if (item.messages.back().content.starts_with("Question 23?")) {
      EXPECT_THAT(item.tags, AllOf(Contains("reviewed"), Contains("fail_helpful")));
      is_reviewed = true;
    }
  }
  EXPECT_TRUE(is_reviewed) << "though chance may not have chosen it";
  EXPECT_THAT(run_command({"testset", "show", out}).out, AllOf(HasSubstr("1 reviewed"), HasSubstr("at /chat")));
}

TEST(TestsetCommand, TheNextVersionKeepsTheItemsOfTheOneBefore) {
  const std::string config = written("tw.yaml", kConfig);
  const std::string first = written("set1.jsonl", "");
  const std::string second = written("set2.jsonl", "");
  const std::string spans = spans_of(1'000);
  ASSERT_EQ(run_command({"testset", "create", "--config", config, "--spans", spans, "--size", "5", "--name", "shop",
                         "--out", first})
                .exit,
            Exit::ok);
  const auto before = read_test_set(first);
  ASSERT_THAT(before->items, SizeIs(5));
  const auto outcome =
      run_command({"testset", "create", "--config", config, "--spans", spans, "--previous", first, "--out", second});
  ASSERT_EQ(outcome.exit, Exit::ok) << outcome.err;
  const auto after = read_test_set(second);
  EXPECT_EQ(after->name, "shop");
  EXPECT_EQ(after->version, 2u);
  ASSERT_GT(after->items.size(), 5u);
  for (size_t i = 0; i < 5; ++i) EXPECT_EQ(after->items[i], before->items[i]);
}

TEST(TestsetCommand, WhatWasChangedByHandIsAnotherVersion) {
  const std::string set = written("set.jsonl", "");
  const std::string items = written("items.jsonl", "{\"input\":\"one\"}\n{\"input\":\"two\",\"ideal\":\"2\"}\n");
  ASSERT_EQ(run_command({"testset", "import", items, "--name", "numbers", "--out", set}).exit, Exit::ok);
  std::ifstream in(set);
  std::string text((std::istreambuf_iterator<char>(in)), {});
  text.replace(text.find("two"), 3, "too");
  const std::string changed = written("changed.jsonl", text);
  const auto refused = run_command({"testset", "show", changed});
  EXPECT_EQ(refused.exit, Exit::bad_data);
  EXPECT_THAT(refused.err, HasSubstr("makes a new version"));
  const std::string next = written("next.jsonl", "");
  ASSERT_EQ(run_command({"testset", "import", changed, "--out", next}).exit, Exit::ok);
  const auto read = read_test_set(next);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->name, "numbers");
  EXPECT_EQ(read->version, 2u);
}

TEST(TestsetCommand, ExportsAndImportsOtherShapes) {
  const std::string items = written("items.json", R"({"data": [
    {"id": "a", "input": {"question": "one", "context": ["1"]}, "expectedOutput": "I", "metadata": {"endpoint": "/x"}},
    {"id": "b", "input": "two", "expectedOutput": null, "metadata": null}]})");
  const std::string set = written("set.jsonl", "");
  ASSERT_EQ(run_command({"testset", "import", items, "--out", set}).exit, Exit::ok);
  for (const char* shape : {"langfuse", "openai-evals"}) {
    const std::string exported = written("exported.jsonl", "");
    const std::string back = written("back.jsonl", "");
    ASSERT_EQ(run_command({"testset", "export", set, "--shape", shape, "--out", exported}).exit, Exit::ok);
    ASSERT_EQ(run_command({"testset", "import", exported, "--out", back}).exit, Exit::ok);
    const auto read = read_test_set(back);
    ASSERT_TRUE(read.ok()) << read.error().message;
    ASSERT_THAT(read->items, SizeIs(2));
    EXPECT_EQ(read->items[0].messages.back().content, "one");
    EXPECT_EQ(read->items[0].ideals, std::vector<std::string>{"I"});
    EXPECT_THAT(read->items[1].ideals, IsEmpty());
  }
}

TEST(TestsetCommand, SaysWhereAFileIsWrong) {
  const std::string out = written("out.jsonl", "");
  const auto message = [&](const std::string& text) {
    const auto outcome = run_command({"testset", "import", written("in.jsonl", text), "--out", out});
    EXPECT_EQ(outcome.exit, Exit::bad_data);
    return outcome.err;
  };
  EXPECT_THAT(message("{\"input\":\"a\"}\n{\"no\":1}\n"), HasSubstr("in.jsonl:2: input is missing"));
  EXPECT_THAT(message("{\"input\":\"a\"}\n{\"input\":\"a\"}\n"), HasSubstr("in.jsonl:2: a second item"));
  EXPECT_THAT(message("{\"input\":\"a\"}\nnothing\n"), HasSubstr("in.jsonl:2: no JSON"));
  EXPECT_THAT(message(""), HasSubstr("no item"));
  const auto shown = run_command({"testset", "show", written("in.jsonl", "{\"input\":\"a\"}\n")});
  EXPECT_EQ(shown.exit, Exit::bad_data);
  EXPECT_THAT(shown.err, HasSubstr("`tidewatch testset import` reads other shapes"));
}

TEST(TestsetCommand, NeedsToKnowWhomToChoose) {
  const auto outcome = run_command({"testset", "create", "--config", written("tw.yaml", "mode: live\n"), "--spans",
                                    spans_of(3), "--out", written("set.jsonl", "")});
  EXPECT_EQ(outcome.exit, Exit::bad_data);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("sampling"), HasSubstr("--reviews")));
}

}  // namespace
}  // namespace tidewatch::app_test
