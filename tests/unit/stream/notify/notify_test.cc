// The stage with its sinks against a server that misbehaves.
#include <gmock/gmock.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "fake_model/fake_model_server.h"
#include "fake_model/fake_surroundings.h"
#include "stream/notify/formats/signature.h"
#include "unit/stream/notify/notices.h"
#include "unit/stream/notify/notify_run.h"

namespace tidewatch {
namespace {

using namespace std::chrono_literals;
using fake_model::FakeCall;
using fake_model::FakeModelServer;
using fake_model::FakeReply;
using fake_model::FakeSurroundings;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

FakeReply replies(int status) { return {.status = status, .body = "{}", .headers = {}}; }

SinkOptions hook(const FakeModelServer& server) {
  SinkOptions out;
  out.name = "hook";
  out.url = server.url();
  out.secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  out.backoff = 100ms;
  out.timeout = 2s;
  return out;
}

std::vector<std::string> types_of(const std::vector<FakeCall>& calls) {
  std::vector<std::string> out;
  for (const FakeCall& call : calls) out.push_back(nlohmann::json::parse(call.body).at("type"));
  return out;
}

TEST(Notify, TellsASinkOfAnAlertSigned) {
  FakeModelServer server({replies(204)});
  FakeSurroundings time;
  NotifyRun run(time, hook(server));
  run.happens(alert("a", "fired"), WireFormat::protobuf);
  ASSERT_TRUE(run.all_told());
  ASSERT_THAT(server.calls(), SizeIs(1));
  const FakeCall call = server.calls()[0];
  EXPECT_EQ(call.headers.at("webhook-id"), key_of(alert("a", "fired")));
  const std::string key = signing_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").value();
  EXPECT_EQ(call.headers.at("webhook-signature"),
            webhook_signature(key, call.headers.at("webhook-id"), std::stoll(call.headers.at("webhook-timestamp")),
                              call.body));
  EXPECT_EQ(nlohmann::json::parse(call.body)["data"]["id"], "a");
}

TEST(Notify, WhatWasOverBeforeItFirstRanIsToldToNobodyThoughItIsReadInParts) {
  FakeModelServer server({replies(200)});
  FakeSurroundings time;
  NotifyRun run(time, hook(server));
  const auto was = [&](const std::string& id, const std::string& transition) {
    run.feed(encode(alert(id, transition).alert(), WireFormat::json), Stream::alerts, 1h);
    run.commit();
  };
  was("over", "fired");
  time.advance(1s);
  run.commit();
  was("over", "resolved");
  was("still", "fired");
  ASSERT_TRUE(run.eventually([&] { return !server.calls().empty(); }));
  ASSERT_TRUE(run.all_told());
  ASSERT_THAT(server.calls(), SizeIs(1));
  EXPECT_EQ(nlohmann::json::parse(server.calls()[0].body)["data"]["id"], "still");
}

TEST(Notify, RepeatsWhatFailsWithTheSameKey) {
  FakeModelServer server(
      {replies(500), replies(429), fake_model::with_fault(FakeReply::Fault::broken_off), replies(200)});
  FakeSurroundings time;
  NotifyRun run(time, hook(server));
  run.happens(alert("a", "fired"));
  ASSERT_TRUE(run.all_told());
  ASSERT_THAT(server.calls(), SizeIs(4));
  for (const FakeCall& call : server.calls())
    EXPECT_EQ(call.headers.at("webhook-id"), server.calls()[0].headers.at("webhook-id"));
  EXPECT_EQ(run.metrics().value("sink_retries", {{"sink", "hook"}}), 3);
  EXPECT_EQ(run.metrics().total("sink_failures"), 3);
  EXPECT_EQ(run.metrics().total("sink_deliveries"), 1);
  EXPECT_THAT(run.letters(), IsEmpty());
}

TEST(Notify, WhatTheSinkRefusesIsADeadLetterWithItsPosition) {
  FakeModelServer server({replies(422)});
  FakeSurroundings time;
  NotifyRun run(time, hook(server));
  run.happens(alert("other", "fired"));
  run.happens(alert("a", "fired"));
  ASSERT_TRUE(run.eventually([&] { return run.letters().size() == 2; }));
  EXPECT_EQ(run.letters()[1].topic(), "tidewatch.alerts");
  EXPECT_EQ(run.letters()[1].offset(), 1);
  EXPECT_EQ(run.letters()[1].reason(), "sink_refused");
  EXPECT_THAT(run.letters()[1].message(), HasSubstr("sink hook refused it (http_422)"));
  EXPECT_THAT(server.calls(), SizeIs(2)) << "once each";
}

TEST(Notify, ARestartGoesOnWhereItStood) {
  FakeModelServer server({replies(503)});
  FakeSurroundings time;
  NotifyRun run(time, hook(server));
  run.happens(alert("a", "fired"));
  run.happens(alert("b", "fired"));
  ASSERT_TRUE(run.eventually([&] { return server.calls().size() >= 2; }));
  EXPECT_EQ(run.stored(), 2u);
  run.start();
  server.set_answer([](const FakeCall&) { return replies(200); });
  const size_t before = server.calls().size();
  ASSERT_TRUE(run.eventually([&] { return run.metrics().total("sink_deliveries") == 2; }));
  EXPECT_EQ(server.calls().size(), before + 2);
  run.start();
  run.happens(alert("a", "resolved", 1min));
  run.happens(alert("b", "resolved", 1min));
  ASSERT_TRUE(run.eventually([&] { return run.stored() == 0; }));
  EXPECT_EQ(server.calls().size(), before + 4) << "nobody is told twice";
}

TEST(Notify, ASinkThatWasAwayForAnHourIsToldHowThingsStand) {
  FakeModelServer server({replies(503)});
  FakeSurroundings time;
  NotifyRun run(time, hook(server));
  for (int i = 0; i < 20; ++i) run.happens(alert("a" + std::to_string(i), "fired"));
  run.eventually([&] { return time.time() >= 20min; }, 10s);
  for (int i = 0; i < 20; ++i) run.happens(alert("a" + std::to_string(i), "escalated", 20min, "page"));
  for (int i = 10; i < 20; ++i) run.happens(alert("a" + std::to_string(i), "resolved", 30min));
  run.eventually([&] { return time.time() >= 1h; }, 10s);
  EXPECT_GT(run.metrics().value("sink_oldest_undelivered_seconds", {{"sink", "hook"}}), 3000);
  EXPECT_EQ(run.metrics().value("sink_left_alone", {{"sink", "hook"}}), 1);
  const size_t before = server.calls().size();
  EXPECT_LT(before, 60u);
  server.set_answer([](const FakeCall&) { return replies(200); });
  ASSERT_TRUE(run.eventually([&] { return run.metrics().total("sink_deliveries") == 20; }, 1s));
  const auto calls = server.calls();
  std::map<std::string, int> told;
  for (const auto& type : types_of({calls.begin() + static_cast<std::ptrdiff_t>(before), calls.end()})) ++told[type];
  EXPECT_THAT(told, ElementsAre(std::pair("tidewatch.alert.escalated", 10), std::pair("tidewatch.alert.resolved", 10)));
  EXPECT_THAT(calls.back().body, HasSubstr("missed"));
}

TEST(Notify, ASinkThatHangsTimesOutAndHoldsNobodyBack) {
  FakeModelServer server([](const FakeCall& call) {
    return call.body.find("\"slow\"") != std::string::npos ? fake_model::with_fault(FakeReply::Fault::hang)
                                                           : replies(200);
  });
  SinkOptions options = hook(server);
  options.timeout = 300ms;
  FakeSurroundings time;
  NotifyRun run(time, options);
  run.happens(alert("slow", "fired"));
  for (int i = 0; i < 10; ++i) run.happens(alert("a" + std::to_string(i), "fired"));
  ASSERT_TRUE(run.eventually([&] { return run.metrics().total("sink_deliveries") == 10; }, 100ms));
  EXPECT_TRUE(run.eventually([&] {
    return run.metrics().value("sink_failures", {{"sink", "hook"}, {"reason", "timed_out"}}) > 0;
  }));
}

TEST(Notify, WhatIsNoNoticeIsADeadLetter) {
  FakeModelServer server({replies(200)});
  FakeSurroundings time;
  NotifyRun run(time, hook(server));
  run.feed("{\"id\": 7");
  run.feed("");
  run.feed(R"({"id": "a"})");
  run.feed(R"({"id": "a\r\nX-Evil: 1", "transition": "fired"})");
  v1::Notice infinite = alert("a", "fired");
  infinite.mutable_alert()->set_value(std::numeric_limits<double>::infinity());
  run.feed(infinite.alert().SerializeAsString());
  run.commit();
  EXPECT_THAT(run.letters(), SizeIs(5));
  for (const auto& letter : run.letters()) EXPECT_EQ(letter.reason(), "bad_notice");
  EXPECT_THAT(server.calls(), IsEmpty());
}

}  // namespace
}  // namespace tidewatch
