#include "stream/notify/formats/format.h"

#include <fmt/format.h>

#include <utility>

#include "stream/notify/formats/alertmanager_format.h"
#include "stream/notify/formats/email_format.h"
#include "stream/notify/formats/pagerduty_format.h"
#include "stream/notify/formats/slack_format.h"
#include "stream/notify/formats/webhook_format.h"

namespace tidewatch {
namespace {

/// Of a response to people who look for what is wrong.
constexpr size_t kSaid = 200;

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

}  // namespace

Answer SinkFormat::answer(const TransferOutcome& outcome) const {
  const bool is_good = outcome.status >= 200 && outcome.status < 300;
  if (is_good && (outcome.fault.empty() || outcome.fault == "too_large")) return {};
  Answer out;
  out.kind = Answer::Kind::failed;
  out.retry_after = outcome.retry_after;
  if (!outcome.fault.empty()) {
    out.error = {outcome.fault, outcome.detail};
    return out;
  }
  out.error = {fmt::format("http_{}", outcome.status),
               fmt::format("HTTP {}: {}", outcome.status, outcome.body.substr(0, kSaid))};
  out.is_limited = outcome.status == 429;
  if (outcome.status < 500 && outcome.status != 408 && outcome.status != 425 && outcome.status != 429)
    out.kind = Answer::Kind::refused;
  return out;
}

std::string SinkFormat::reference(const Delivery& told, const TransferOutcome&) const { return told.reference; }

HttpPost SinkFormat::post(std::string url, std::string body) const {
  HttpPost out;
  out.url = std::move(url);
  out.body = std::move(body);
  out.headers = {"Content-Type: application/json", "Expect:"};
  for (const auto& [name, value] : options_.headers) out.headers.push_back(fmt::format("{}: {}", name, value));
  return out;
}

std::string SinkFormat::link(const v1::Notice& notice) const {
  std::string out = options_.link;
  replace_all(out, "{alert}", notice.has_alert() ? notice.alert().id() : notice.incident().lead());
  replace_all(out, "{incident}", notice.has_alert() ? notice.alert().incident_id() : notice.incident().id());
  return out;
}

std::unique_ptr<SinkFormat> make_format(const SinkOptions& given) {
  SinkOptions options = given;
  if (options.url.empty()) options.url = default_url(options.type);
  switch (options.type) {
    case SinkType::alertmanager:
      return std::make_unique<AlertmanagerFormat>(options);
    case SinkType::slack:
      return std::make_unique<SlackFormat>(options);
    case SinkType::pagerduty:
      return std::make_unique<PagerDutyFormat>(options);
    case SinkType::email:
      return std::make_unique<EmailFormat>(options);
    case SinkType::webhook:
      break;
  }
  return std::make_unique<WebhookFormat>(options);
}

std::string default_url(SinkType type) {
  if (type == SinkType::pagerduty) return "https://events.pagerduty.com/v2/enqueue";
  if (type == SinkType::slack) return "https://slack.com/api/chat.postMessage";
  return {};
}

}  // namespace tidewatch
