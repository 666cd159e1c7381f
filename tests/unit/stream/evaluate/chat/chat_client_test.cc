#include "stream/evaluate/chat/chat_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "tests/fake_model/fake_model_server.h"
#include "tests/fake_model/fake_surroundings.h"

namespace tidewatch {
namespace {

using namespace std::chrono_literals;
using fake_model::completion;
using fake_model::fails;
using fake_model::FakeCall;
using fake_model::FakeModelServer;
using fake_model::FakeReply;
using fake_model::FakeSurroundings;
using fake_model::says;
using fake_model::with_fault;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

ChatRequest question(const std::string& text = "hi") { return {{{"user", text}}, "", ""}; }

/// A client of the fake server with clocks that stand unless they are moved.
class ChatClientTest : public ::testing::Test {
 protected:
  ChatClient& client(const FakeModelServer& server, ChatOptions options = {}) {
    options.url = server.url();
    return client_at(std::move(options));
  }
  ChatClient& client_at(ChatOptions options) {
    options.model = "fake-model";
    if (options.timeout == ChatOptions().timeout) options.timeout = 10s;
    auto made = ChatClient::make(std::move(options), surroundings_.given());
    client_ = std::move(made).value();
    return *client_;
  }
  /// Polls until nothing is pending; time passes as it is waited for.
  std::vector<FinishedChat> all(Duration step = 100ms) {
    std::vector<FinishedChat> out;
    while (client_->pending() > 0) {
      for (auto& one : client_->poll(2ms)) out.push_back(std::move(one));
      surroundings_.advance(step);
    }
    return out;
  }
  FinishedChat only() {
    auto out = all();
    EXPECT_THAT(out, SizeIs(1));
    return std::move(out.at(0));
  }
  std::string code_of_only() {
    const FinishedChat one = only();
    return one.answer ? "answered" : one.answer.error().code;
  }

  FakeSurroundings surroundings_;
  std::unique_ptr<ChatClient> client_;
};

TEST_F(ChatClientTest, AsksAndReportsWhatItCost) {
  FakeModelServer server({{.status = 200, .body = completion("Hello", 1'000'000, 500'000), .headers = {}}});
  ChatOptions options;
  options.key = "secret-key";
  options.headers = {{"X-Team", "quality"}};
  options.price = ChatPrice{.input = 2, .output = 8, .per_call = 0.5};
  options.seed = 3;
  const uint64_t ticket = client(server, options).submit(question("what?"));
  const FinishedChat done = only();
  EXPECT_EQ(done.ticket, ticket);
  ASSERT_TRUE(done.answer) << done.answer.error().message;
  EXPECT_EQ(done.answer->text, "Hello");
  EXPECT_DOUBLE_EQ(done.answer->cost_usd, 2 + 4 + 0.5);
  EXPECT_DOUBLE_EQ(client_->counts().spent_usd, 6.5);
  const auto calls = server.calls();
  ASSERT_THAT(calls, SizeIs(1));
  EXPECT_EQ(calls[0].path, "/v1/chat/completions");
  EXPECT_EQ(calls[0].headers.at("authorization"), "Bearer secret-key");
  EXPECT_EQ(calls[0].headers.at("x-team"), "quality");
  const auto body = nlohmann::json::parse(calls[0].body);
  EXPECT_EQ(body["messages"][0]["content"], "what?");
  EXPECT_EQ(body["model"], "fake-model");
  EXPECT_EQ(body["seed"], 3);
}

/// Faults that pass: another attempt brings the answer.
TEST_F(ChatClientTest, FaultsThatPassAreTriedAgain) {
  for (const FakeReply& fault :
       {fails(429), fails(500), fails(502), fails(503), fails(408), with_fault(FakeReply::Fault::broken_off),
        FakeReply{.status = 200, .body = completion("x").substr(0, 40), .headers = {}},
        FakeReply{.status = 200, .body = R"({"choices":[]})", .headers = {}},
        FakeReply{.status = 200, .body = "<html>a proxy</html>", .headers = {}}}) {
    FakeModelServer server({fault, says("at last")});
    client(server).submit(question());
    const FinishedChat done = only();
    ASSERT_TRUE(done.answer) << fault.status << fault.body << done.answer.error().message;
    EXPECT_EQ(done.answer->text, "at last");
    EXPECT_EQ(client_->counts().retries, 1);
  }
}

TEST_F(ChatClientTest, FaultsThatStayAreNamedAfterTheRetries) {
  const std::vector<std::pair<FakeReply, std::string>> cases = {
      {fails(429), "rate_limited"},
      {fails(500), "server_error"},
      {fails(503), "server_error"},
      {with_fault(FakeReply::Fault::broken_off), "broken_off"},
      {{.status = 200, .body = completion("x").substr(0, 40), .headers = {}}, "bad_answer"},
      {{.status = 200, .body = R"({"choices":[]})", .headers = {}}, "bad_answer"}};
  for (const auto& [fault, code] : cases) {
    FakeModelServer server({fault});
    ChatOptions options;
    options.retries = 2;
    client(server, options).submit(question());
    EXPECT_EQ(code_of_only(), code);
    EXPECT_THAT(server.calls(), SizeIs(3));
  }
}

TEST_F(ChatClientTest, FaultsOfTheRequestOrTheConfigAreNotTriedAgain) {
  const std::vector<std::pair<FakeReply, std::string>> cases = {
      {fails(400, "context length exceeded"), "bad_request"},
      {fails(413), "bad_request"},
      {fails(401), "bad_key"},
      {fails(403), "bad_key"},
      {fails(404, "no such model"), "not_found"},
      {fails(302, "", {{"Location", "http://127.0.0.1:1/elsewhere"}}), "redirected"},
      {{.status = 200,
        .body = R"({"choices":[{"message":{"content":null,"refusal":"I will not judge this"}}]})",
        .headers = {}},
       "refused"},
      {{.status = 200, .body = completion(std::string(200'000, 'x')), .headers = {}}, "too_large"}};
  for (const auto& [fault, code] : cases) {
    FakeModelServer server({fault});
    ChatOptions options;
    options.max_response_bytes = 100'000;
    client(server, options).submit(question());
    EXPECT_EQ(code_of_only(), code);
    EXPECT_THAT(server.calls(), SizeIs(1)) << code;
  }
}

TEST_F(ChatClientTest, AHangingAndADrippingServerTimeOut) {
  for (const auto fault : {FakeReply::Fault::hang, FakeReply::Fault::drip}) {
    FakeModelServer server({with_fault(fault)});
    ChatOptions options;
    options.timeout = 300ms;
    options.retries = 1;
    client(server, options).submit(question());
    EXPECT_EQ(code_of_only(), "timed_out");
    EXPECT_THAT(server.calls(), SizeIs(2));
  }
}

TEST_F(ChatClientTest, NobodyThereIsUnreachable) {
  std::string url;
  {
    const FakeModelServer gone({says("x")});
    url = gone.url();
  }
  ChatOptions options;
  options.url = url;
  options.retries = 1;
  client_at(options).submit(question());
  EXPECT_EQ(code_of_only(), "unreachable");
}

TEST_F(ChatClientTest, RetryAfterHoldsAllRequestsBack) {
  FakeModelServer server({fails(429, "slow down", {{"Retry-After", "20"}}), says("a"), says("b")});
  ChatOptions options;
  options.concurrency = 1;
  ChatClient& asked = client(server, options);
  asked.submit(question("first"));
  asked.submit(question("second"));
  while (asked.counts().attempts == 0 || server.calls().empty() || asked.held_back_by().empty()) asked.poll(10ms);
  EXPECT_EQ(asked.held_back_by(), "rate_limited");
  surroundings_.advance(19s);
  asked.poll(10ms);
  EXPECT_THAT(server.calls(), SizeIs(1));
  surroundings_.advance(32s);  // the pause, and the most that chance adds
  EXPECT_THAT(all(), SizeIs(2));
  EXPECT_THAT(server.calls(), SizeIs(3));
}

TEST_F(ChatClientTest, ToldToWaitForTooLongARequestFailsAndTheClientStaysQuiet) {
  FakeModelServer server({fails(503, "tomorrow", {{"Retry-After", "3600"}}), says("a")});
  ChatClient& asked = client(server);
  asked.submit(question());
  EXPECT_EQ(code_of_only(), "server_error");
  EXPECT_EQ(asked.room(), 0);
  surroundings_.advance(1h);
  EXPECT_GT(asked.room(), 0);
}

TEST_F(ChatClientTest, RetriesAreSpreadByChanceAndGetRarer) {
  FakeModelServer server({fails(500)});
  ChatOptions options;
  options.retries = 4;
  options.backoff = 10s;
  options.longest_wait = 60s;
  options.breaker_failures = 100;
  std::vector<Duration> waits;
  for (int round = 0; round < 20; ++round) {
    client(server, options).submit(question());
    const Duration began = surroundings_.time();
    all(1s);
    waits.push_back(surroundings_.time() - began);
  }
  // Four waits uniform up to 10, 20, 40 and 60 s: 65 s on average, standard deviation 21 s.
  const auto sum = std::accumulate(waits.begin(), waits.end(), Duration{});
  EXPECT_NEAR(to_seconds(sum) / 20, 65, 4 * 21 / std::sqrt(20));
  EXPECT_GT(*std::max_element(waits.begin(), waits.end()) - *std::min_element(waits.begin(), waits.end()), 20s);
}

TEST_F(ChatClientTest, TheBreakerOpensAndFindsTheServerBack) {
  FakeModelServer server({fails(500)});
  ChatOptions options;
  options.retries = 0;
  options.concurrency = 1;
  options.breaker_failures = 3;
  ChatClient& asked = client(server, options);
  std::vector<std::string> codes;
  for (int i = 0; i < 5; ++i) {
    asked.submit(question());
    codes.push_back(code_of_only());
  }
  EXPECT_THAT(codes, ElementsAre("server_error", "server_error", "server_error", "breaker_open", "breaker_open"));
  EXPECT_EQ(asked.room(), 0);
  EXPECT_THAT(server.calls(), SizeIs(3));
  surroundings_.advance(10s);
  EXPECT_EQ(asked.room(), 1) << "one tries";
  server.set_answer([](const FakeCall&) { return says("back"); });
  asked.submit(question());
  EXPECT_EQ(code_of_only(), "answered");
  EXPECT_EQ(asked.room(), 1);
  EXPECT_EQ(asked.counts().times_breaker_opened, 1);
}

TEST_F(ChatClientTest, NeverMoreAtATimeThanAllowed) {
  FakeModelServer server({with_fault(FakeReply::Fault::hang)});
  ChatOptions options;
  options.concurrency = 3;
  options.timeout = 500ms;
  options.retries = 0;
  ChatClient& asked = client(server, options);
  for (int i = 0; i < 5; ++i) asked.submit(question());
  while (server.calls().size() < 3) asked.poll(10ms);
  EXPECT_EQ(asked.counts().attempts, 3);
  EXPECT_THAT(all(), SizeIs(5));
}

TEST_F(ChatClientTest, KeepsToItsRequestsAndTokensAMinute) {
  FakeModelServer server({says("x")});  // 120 tokens
  ChatOptions options;
  options.concurrency = 100;
  options.requests_per_minute = 60;
  ChatClient& asked = client(server, options);
  for (int i = 0; i < 30; ++i) asked.submit(question());
  const Duration began = surroundings_.time();
  all(1s);
  EXPECT_GE(surroundings_.time() - began, 24s) << "six at once, then one a second";
  ChatOptions by_tokens;
  by_tokens.tokens_per_minute = 1200;
  by_tokens.max_tokens = 10;
  ChatClient& other = client(server, by_tokens);
  for (int i = 0; i < 20; ++i) other.submit(question());
  const Duration then = surroundings_.time();
  all(1s);
  EXPECT_GE(surroundings_.time() - then, 50s) << "2,400 tokens, 1,200 of them at once";
}

TEST_F(ChatClientTest, TheCapStopsRequestsBeforeTheyAreSent) {
  FakeModelServer server({{.status = 200, .body = completion("x", 100'000, 0), .headers = {}}});
  ChatOptions options;
  options.price = ChatPrice{.input = 1, .output = 1};  // 0.1 USD a call
  options.usd_per_day = 0.35;
  ChatClient& asked = client(server, options);
  std::vector<std::string> codes;
  for (int i = 0; i < 6; ++i) {
    asked.submit(question());
    codes.push_back(code_of_only());
  }
  EXPECT_THAT(codes, ElementsAre("answered", "answered", "answered", "answered", "cap_reached", "cap_reached"));
  EXPECT_EQ(asked.held_back_by(), "cap_reached");
  EXPECT_THAT(server.calls(), SizeIs(4));
  surroundings_.advance(24h);
  asked.submit(question());
  EXPECT_EQ(code_of_only(), "answered");
}

TEST_F(ChatClientTest, WhatTimedOutIsTakenToHaveCostAllThatItMay) {
  FakeModelServer server({with_fault(FakeReply::Fault::hang)});
  ChatOptions options;
  options.price = ChatPrice{.input = 0, .output = 10};
  options.max_tokens = 100'000;
  options.timeout = 200ms;
  options.retries = 0;
  client(server, options).submit(question());
  EXPECT_DOUBLE_EQ(only().spent_usd, 1);
  FakeModelServer failing({fails(500)});
  client(failing, options).submit(question());
  EXPECT_EQ(only().spent_usd, 0);
}

TEST_F(ChatClientTest, FallsBackWhereTheServerKnowsNoSchema) {
  FakeModelServer server([](const FakeCall& call) {
    if (call.body.find("json_schema") != std::string::npos) return fails(400, "json_schema is not supported");
    return says("{}");
  });
  ChatRequest request = question();
  request.schema = R"({"type":"object"})";
  request.schema_name = "verdict";
  ChatClient& asked = client(server);
  asked.submit(request);
  EXPECT_EQ(code_of_only(), "answered");
  asked.submit(request);
  EXPECT_EQ(code_of_only(), "answered");
  const auto calls = server.calls();
  ASSERT_THAT(calls, SizeIs(3)) << "it is learnt once";
  EXPECT_THAT(calls[2].body, HasSubstr("json_object"));
  EXPECT_EQ(asked.counts().retries, 1);
}

TEST_F(ChatClientTest, TokensAreEstimatedWhereTheServerDoesNotSay) {
  FakeModelServer server(
      {{.status = 200, .body = R"({"choices":[{"message":{"content":"12345678"}}]})", .headers = {}}});
  client(server).submit(question(std::string(4'000, 'x')));
  const FinishedChat done = only();
  ASSERT_TRUE(done.answer);
  EXPECT_TRUE(done.answer->usage.is_estimated);
  EXPECT_NEAR(static_cast<double>(done.answer->usage.input_tokens), 1'000, 50);
  EXPECT_EQ(done.answer->usage.output_tokens, 2);
}

TEST_F(ChatClientTest, SaysWhatCannotBeSent) {
  const auto error_of = [&](ChatOptions options) {
    return ChatClient::make(std::move(options), surroundings_.given()).error();
  };
  EXPECT_THAT(error_of({.url = "file:///etc/passwd"}).message, HasSubstr("no address of a server"));
  EXPECT_THAT(error_of({.key = "a\r\nX: y"}).message, Not(HasSubstr("X: y")));
  EXPECT_EQ(error_of({.headers = {{"a:b", "c"}}}).code, "bad_config");
  EXPECT_THAT(error_of({.model = "m", .usd_per_day = 1}).message, HasSubstr("state its price"));
}

}  // namespace
}  // namespace tidewatch
