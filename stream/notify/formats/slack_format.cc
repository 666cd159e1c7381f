#include "stream/notify/formats/slack_format.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "stream/notify/formats/wording.h"

namespace tidewatch {
namespace {

using Json = nlohmann::json;

// Limits of Slack's blocks, in characters; bytes are never fewer.
constexpr size_t kHeader = 150;
constexpr size_t kSection = 3000;
constexpr size_t kField = 2000;

/// As Slack's markup wants it.
std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else
      out += c;
  }
  return out;
}

Json markup(const std::string& text) { return {{"type", "mrkdwn"}, {"text", text}}; }

/// Worth the attention of those who do not follow the thread.
bool is_for_all(const Delivery& delivery) {
  const std::string& transition = transition_of(*delivery.notice);
  return !is_firing(*delivery.notice) || transition == "escalated" || transition == "reopened";
}

}  // namespace

std::set<std::string> SlackFormat::transitions() const {
  std::set<std::string> out = {"escalated", "reopened", "unsuppressed"};
  if (is_bot()) out.insert({"joined", "acknowledged", "unacknowledged"});
  return out;
}

Outgoing SlackFormat::request(std::span<const Delivery> deliveries, Timestamp) const {
  const Delivery& delivery = deliveries.front();
  const v1::Incident& incident = delivery.notice->incident();
  const std::string title = fmt::format("{}: {}", what_happened(delivery), incident.title());
  Json fields = Json::array();
  for (const auto& [name, text] : facts(incident))
    fields.push_back(markup(shortened(fmt::format("*{}*\n{}", name, escaped(text)), kField)));
  Json blocks = Json::array();
  blocks.push_back({{"type", "header"}, {"text", {{"type", "plain_text"}, {"text", shortened(title, kHeader)}}}});
  if (!incident.why().empty())
    blocks.push_back({{"type", "section"}, {"text", markup(shortened(escaped(incident.why()), kSection))}});
  blocks.push_back({{"type", "section"}, {"fields", std::move(fields)}});
  if (const std::string page = link(*delivery.notice); !page.empty())
    blocks.push_back(
        {{"type", "context"}, {"elements", Json::array({markup(fmt::format("<{}|Open in Tidewatch>", page))})}});
  Json body = {{"text", escaped(title)}, {"blocks", std::move(blocks)}};
  if (is_bot()) {
    body["channel"] = options().channel;
    if (!delivery.reference.empty()) {
      body["thread_ts"] = delivery.reference;
      body["reply_broadcast"] = is_for_all(delivery);
    }
  }
  HttpPost out = post(options().url, body.dump());
  if (is_bot()) out.headers.push_back("Authorization: Bearer " + options().token);
  return out;
}

Answer SlackFormat::answer(const TransferOutcome& outcome) const {
  Answer out = SinkFormat::answer(outcome);
  if (out.kind != Answer::Kind::told || !is_bot()) return out;
  const Json body = Json::parse(outcome.body, nullptr, false);
  if (!body.is_object()) return {.kind = Answer::Kind::failed, .error = {"bad_answer", "Slack's answer is no JSON"}};
  if (body.value("ok", false)) return out;
  const std::string error = body.value("error", "unknown");
  out.is_limited = error == "ratelimited" || error == "rate_limited";
  const bool may_work = out.is_limited || error == "internal_error" || error == "fatal_error" ||
                        error == "service_unavailable" || error == "request_timeout";
  out.kind = may_work ? Answer::Kind::failed : Answer::Kind::refused;
  out.error = {"slack_" + error, "Slack says " + error};
  return out;
}

std::string SlackFormat::reference(const Delivery& told, const TransferOutcome& outcome) const {
  if (!is_bot() || !told.reference.empty()) return told.reference;
  const Json body = Json::parse(outcome.body, nullptr, false);
  return body.is_object() && body.contains("ts") && body["ts"].is_string() ? body["ts"].get<std::string>() : "";
}

}  // namespace tidewatch
