#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "stream/evaluate/chat/completion.h"
#include "stream/evaluate/chat/server_dialect.h"
#include "stream/evaluate/chat/spending.h"

namespace tidewatch {
namespace {

using namespace std::chrono_literals;

TEST(Spending, ReservesWhatACallMayCostAndSettlesIt) {
  Spending spending(1.0, 0);
  const Timestamp noon{12h};
  ASSERT_TRUE(spending.allows(0.6, noon));
  const auto first = spending.reserve(0.6, noon);
  EXPECT_FALSE(spending.allows(0.6, noon)) << "what is under way counts";
  spending.settle(first, 0.1);
  EXPECT_TRUE(spending.allows(0.6, noon));
  EXPECT_NEAR(spending.spent_on_day_of(noon), 0.1, 1e-12);
  EXPECT_TRUE(spending.allows(0.95, noon + 12h)) << "another day";
  spending.add_earlier(0.9, noon);
  EXPECT_FALSE(spending.allows(0.6, noon));
  EXPECT_FALSE(spending.allows(0.6, noon - 24h)) << "a clock set back opens no day";
}

TEST(Spending, CountsCallsByTheHour) {
  Spending spending(0, 2);
  const Timestamp start{};
  for (int i = 0; i < 2; ++i) spending.reserve(1e9, start);
  EXPECT_FALSE(spending.allows(0, start + 59min));
  EXPECT_TRUE(spending.allows(0, start + 60min));
}

TEST(ServerDialect, LearnsFromRefusalsUntilThereIsNothingLeft) {
  ServerDialect dialect(AnswerForm::json_schema);
  const ChatOptions options{.model = "m", .seed = 7};
  const ChatRequest request{{{"user", "hi"}}, R"({"type":"object"})", "verdict"};
  const auto body = [&] { return nlohmann::json::parse(dialect.body(options, request)); };
  EXPECT_EQ(body()["response_format"]["json_schema"]["schema"]["type"], "object");
  EXPECT_TRUE(dialect.learn("Invalid parameter: 'response_format' of type 'json_schema' is not supported"));
  EXPECT_EQ(body()["response_format"]["type"], "json_object");
  EXPECT_TRUE(dialect.learn("response_format is not known"));
  EXPECT_FALSE(body().contains("response_format"));
  EXPECT_FALSE(dialect.learn("response_format is not known"));
  EXPECT_TRUE(dialect.learn("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."));
  EXPECT_EQ(body()["max_completion_tokens"], 500);
  EXPECT_TRUE(dialect.learn("'temperature' does not support 0"));
  EXPECT_FALSE(body().contains("temperature"));
  EXPECT_EQ(body()["seed"], 7);
  EXPECT_FALSE(dialect.learn("context length exceeded"));
}

TEST(ServerDialect, BrokenUtf8IsStillJson) {
  const ServerDialect dialect(AnswerForm::text);
  const std::string body = dialect.body({.model = "m"}, {{{"user", "a\xff\xc3"}}, "", ""});
  EXPECT_TRUE(nlohmann::json::accept(body));
}

TEST(Completion, ReadsTextUsageAndWhyItEnded) {
  const auto answer = read_completion(
      R"({"choices":[{"finish_reason":"length","message":{"content":[{"type":"text","text":"a"},{"text":"b"}]}}],
          "usage":{"prompt_tokens":12,"completion_tokens":3}})");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->text, "ab");
  EXPECT_TRUE(answer->was_cut_off);
  EXPECT_EQ(answer->usage.input_tokens, 12);
  EXPECT_EQ(answer->usage.output_tokens, 3);
  EXPECT_FALSE(answer->usage.is_estimated);
}

TEST(Completion, WhatIsNoneIsNamed) {
  for (const auto* body : {"", "{", "[]", "null", "{\"choices\":[]}", "{\"choices\":[{}]}", "{\"choices\":7}",
                           R"({"error":{"message":"overloaded"}})", "<html>", "{\"choices\":[{\"message\":null"})
    EXPECT_EQ(read_completion(body).error().code, "bad_answer") << body;
  EXPECT_EQ(read_completion(R"({"choices":[{"message":{"refusal":"I will not"}}]})").error().code, "refused");
  EXPECT_EQ(read_completion(R"({"choices":[{"finish_reason":"content_filter","message":{}}]})").error().code,
            "refused");
  // Nothing said is an answer, if an empty one.
  EXPECT_EQ(read_completion(R"({"choices":[{"message":{"content":null}}]})")->text, "");
}

}  // namespace
}  // namespace tidewatch
