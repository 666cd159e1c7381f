#include <gmock/gmock.h>

#include "stream/notify/formats/email_format.h"
#include "stream/notify/formats/format.h"
#include "stream/notify/formats/wording.h"
#include "unit/stream/notify/formats/golden_request.h"
#include "unit/stream/notify/notices.h"

namespace tidewatch {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

const Timestamp kNow = noon(10min);

v1::Notice full_alert(const std::string& transition = "fired", const std::string& severity = "ticket") {
  v1::Notice out = alert("0a1b", transition, 8min, severity);
  auto& alert = *out.mutable_alert();
  (*alert.mutable_labels())["endpoint"] = "/chat";
  alert.set_value(0.123);
  alert.set_expected(0.021);
  alert.set_unit("share");
  alert.set_why("Refusals rose from 2.1 % to 12.3 % & \"stay\" there.");
  alert.mutable_cause()->set_kind("prompt");
  alert.mutable_cause()->set_confidence(0.8);
  alert.set_runbook("https://wiki.example.com/refusals");
  if (transition == "resolved") *alert.mutable_ends_at() = to_proto(noon(7min));
  return out;
}

v1::Notice full_incident(const std::string& transition = "opened", const std::string& severity = "ticket") {
  v1::Notice out = incident("9d1f", transition, 8min, severity);
  auto& incident = *out.mutable_incident();
  incident.set_title("service=shop, endpoint=/chat: refusal_rate and 2 more");
  incident.set_why("Refusals rose from 2.1 % to 12.3 % <5 min after> prompt v13.");
  incident.mutable_cause()->set_kind("prompt");
  incident.mutable_cause()->set_confidence(0.8);
  incident.mutable_cause()->set_why("prompt_version=v13 was first seen 4 min before.");
  auto& change = *incident.add_changes();
  change.set_label("prompt_version");
  change.set_value("v13");
  *change.mutable_at() = to_proto(noon(-4min));
  incident.add_alerts("second");
  incident.add_alerts("third");
  incident.set_open_alerts(transition == "resolved" ? 0 : 2);
  incident.set_runbook("https://wiki.example.com/refusals");
  if (transition == "resolved") *incident.mutable_ends_at() = to_proto(noon(7min));
  if (transition == "acknowledged") {
    incident.mutable_acknowledged()->set_by("ada");
    incident.mutable_acknowledged()->set_comment("rolling back");
  }
  return out;
}

Delivery of(const v1::Notice& notice, bool is_first = true, const std::string& reference = "") {
  Delivery out;
  out.subject = id_of(notice);
  out.key = key_of(notice);
  out.notice = std::make_shared<const v1::Notice>(notice);
  out.is_first = is_first;
  out.is_missed = is_first && !is_firing(notice);
  out.reference = reference;
  return out;
}

SinkOptions sink(SinkType type, const std::string& url = "") {
  SinkOptions out;
  out.name = "sink";
  out.type = type;
  out.url = url;
  out.link = "https://tidewatch.example.com/incidents/{incident}?alert={alert}";
  return out;
}

Outgoing request(const SinkOptions& options, const Delivery& delivery) {
  return make_format(options)->request({&delivery, 1}, kNow);
}

TEST(WebhookFormat, IsWhatIsOnTheTopicSigned) {
  SinkOptions options = sink(SinkType::webhook, "https://hooks.example.com/tidewatch");
  options.secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  options.headers = {{"X-Team", "quality"}};
  expect_golden("webhook_fired.txt", request(options, of(full_alert())));
  options.subject = Subject::incidents;
  options.secret.clear();
  options.token = "t0ken";
  expect_golden("webhook_incident_missed.txt", request(options, of(full_incident("resolved"))));
}

TEST(AlertmanagerFormat, FiresUntilItIsToldAgainAndEnds) {
  const SinkOptions options = sink(SinkType::alertmanager, "http://alertmanager:9093/");
  expect_golden("alertmanager_fired.txt", request(options, of(full_alert())));
  expect_golden("alertmanager_resolved.txt", request(options, of(full_alert("resolved"), false)));
}

TEST(AlertmanagerFormat, EndsTheAlertWhoseLabelsItHadBefore) {
  const SinkOptions options = sink(SinkType::alertmanager, "http://alertmanager:9093");
  const auto format = make_format(options);
  const std::string before = format->reference(of(full_alert()), {});
  expect_golden("alertmanager_escalated.txt", request(options, of(full_alert("escalated", "page"), false, before)));
  const auto body =
      nlohmann::json::parse(std::get<HttpPost>(request(options, of(full_alert("acknowledged"), false, before))).body);
  EXPECT_EQ(body.size(), 1u) << "nothing but the labels makes another alert";
}

TEST(AlertmanagerFormat, AnEndBeforeTheStartOrAheadOfTheClockIsNone) {
  const SinkOptions options = sink(SinkType::alertmanager, "http://alertmanager:9093");
  v1::Notice early = full_alert("resolved");
  *early.mutable_alert()->mutable_observed_at() = to_proto(noon(-1h));
  EXPECT_THAT(as_text(request(options, of(early))), HasSubstr("\"endsAt\": \"2019-12-20T00:00:00Z\""));
  v1::Notice ahead = full_alert("resolved");
  *ahead.mutable_alert()->mutable_observed_at() = to_proto(noon(3h));
  EXPECT_THAT(as_text(request(options, of(ahead))), HasSubstr("\"endsAt\": \"2019-12-20T00:10:00Z\""));
}

TEST(AlertmanagerFormat, LabelsAreNamedAsPrometheusTakesThem) {
  v1::Notice odd = full_alert();
  (*odd.mutable_alert()->mutable_labels())["gen_ai.model"] = "x";
  (*odd.mutable_alert()->mutable_labels())["7th"] = "y";
  (*odd.mutable_alert()->mutable_labels())["empty"] = "";
  const auto labels = nlohmann::json::parse(
      std::get<HttpPost>(request(sink(SinkType::alertmanager, "http://a"), of(odd))).body)[0]["labels"];
  EXPECT_EQ(labels["gen_ai_model"], "x");
  EXPECT_EQ(labels["_7th"], "y");
  EXPECT_FALSE(labels.contains("empty"));
}

TEST(PagerDutyFormat, TriggersAcknowledgesAndResolvesByIncident) {
  SinkOptions options = sink(SinkType::pagerduty);
  options.routing_key = "0123456789abcdef0123456789abcdef";
  expect_golden("pagerduty_trigger.txt", request(options, of(full_incident("opened", "page"))));
  expect_golden("pagerduty_acknowledge.txt", request(options, of(full_incident("acknowledged"), false)));
  expect_golden("pagerduty_resolve.txt", request(options, of(full_incident("resolved"), false)));
  EXPECT_THAT(as_text(request(options, of(full_incident("acknowledged")))), HasSubstr("\"trigger\""))
      << "what is not known there cannot be acknowledged";
}

TEST(SlackFormat, IsAMessageAndWithABotAThread) {
  SinkOptions options = sink(SinkType::slack, "https://hooks.slack.com/services/T/B/x");
  expect_golden("slack_webhook.txt", request(options, of(full_incident())));
  options.url.clear();
  options.token = "xoxb-1";
  options.channel = "#quality";
  expect_golden("slack_reply.txt", request(options, of(full_incident("joined"), false, "1700000000.000100")));
  const auto format = make_format(options);
  TransferOutcome outcome;
  outcome.status = 200;
  outcome.body = R"({"ok": true, "ts": "1700000000.000100"})";
  EXPECT_EQ(format->answer(outcome).kind, Answer::Kind::told);
  EXPECT_EQ(format->reference(of(full_incident()), outcome), "1700000000.000100");
  outcome.body = R"({"ok": false, "error": "channel_not_found"})";
  EXPECT_EQ(format->answer(outcome).kind, Answer::Kind::refused);
  outcome.body = R"({"ok": false, "error": "ratelimited"})";
  EXPECT_EQ(format->answer(outcome).kind, Answer::Kind::failed);
  outcome.body = "<html>";
  EXPECT_EQ(format->answer(outcome).kind, Answer::Kind::failed);
}

TEST(EmailFormat, IsAThread) {
  SinkOptions options = sink(SinkType::email, "smtp://mail.example.com:587");
  options.from = "tidewatch@example.com";
  options.to = {"ada@example.com", "bob@example.com"};
  options.user = "tidewatch";
  expect_golden("email_opened.txt", request(options, of(full_incident("opened", "page"))));
  expect_golden("email_resolved.txt", request(options, of(full_incident("resolved"), false)));
}

TEST(EmailFormat, HeadersAreAsciiOnOneLogicalLine) {
  EXPECT_EQ(encoded_header("plain"), "plain");
  EXPECT_EQ(encoded_header("a\r\nBcc: all@example.com"), "a  Bcc: all@example.com");
  EXPECT_EQ(encoded_header("naïve"), "=?utf-8?B?bmHDr3Zl?=");
  std::string long_text;
  for (int i = 0; i < 40; ++i) long_text += "é";
  EXPECT_THAT(encoded_header(long_text), HasSubstr("?=\r\n =?utf-8?B?"));
}

TEST(EmailFormat, AServersFiveHundredIsFinal) {
  const auto format = make_format(sink(SinkType::email, "smtp://mail.example.com"));
  TransferOutcome outcome;
  outcome.fault = "broken_off";
  outcome.status = 550;
  EXPECT_EQ(format->answer(outcome).kind, Answer::Kind::refused);
  EXPECT_EQ(format->answer(outcome).error.code, "smtp_550");
  outcome.status = 451;
  EXPECT_EQ(format->answer(outcome).kind, Answer::Kind::failed);
  outcome.status = 0;
  EXPECT_EQ(format->answer(outcome).kind, Answer::Kind::failed);
}

TEST(SinkFormat, TellsFromTheStatusWhetherToTryAgain) {
  const auto format = make_format(sink(SinkType::webhook, "http://a"));
  const auto kind = [&](int status, const std::string& fault = "") {
    TransferOutcome outcome;
    outcome.status = status;
    outcome.fault = fault;
    return format->answer(outcome).kind;
  };
  for (const int status : {200, 202, 204}) EXPECT_EQ(kind(status), Answer::Kind::told) << status;
  for (const int status : {408, 425, 429, 500, 503}) EXPECT_EQ(kind(status), Answer::Kind::failed) << status;
  for (const int status : {301, 400, 401, 403, 404, 410, 422}) EXPECT_EQ(kind(status), Answer::Kind::refused) << status;
  EXPECT_EQ(kind(0, "unreachable"), Answer::Kind::failed);
  EXPECT_EQ(kind(200, "broken_off"), Answer::Kind::failed) << "half an answer is none";
  EXPECT_EQ(kind(200, "too_large"), Answer::Kind::told) << "what it says beyond that is of no interest";
}

TEST(Shortened, CutsBetweenCharacters) {
  EXPECT_EQ(shortened("abc", 3), "abc");
  EXPECT_EQ(shortened("abcdef", 5), "ab…");
  EXPECT_EQ(shortened("aééé", 6), "aé…");
}

}  // namespace
}  // namespace tidewatch
