#include "stream/notify/formats/webhook_format.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "stream/notify/formats/signature.h"
#include "stream/publish/encoder.h"
#include "stream/publish/timestamps.h"

namespace tidewatch {

std::set<std::string> WebhookFormat::transitions() const {
  return {"fired", "opened", "reopened", "joined", "escalated", "acknowledged", "unacknowledged", "unsuppressed"};
}

Outgoing WebhookFormat::request(std::span<const Delivery> deliveries, Timestamp now) const {
  const Delivery& delivery = deliveries.front();
  const v1::Notice& notice = *delivery.notice;
  const bool is_alert = notice.has_alert();
  const std::string data =
      is_alert ? encode(notice.alert(), WireFormat::json) : encode(notice.incident(), WireFormat::json);
  const auto quoted = [](const std::string& text) { return nlohmann::json(text).dump(); };
  std::string body =
      fmt::format(R"({{"type":{},"timestamp":{},"missed":{},"link":{},"data":{}}})",
                  quoted(fmt::format("tidewatch.{}.{}", is_alert ? "alert" : "incident", transition_of(notice))),
                  quoted(rfc3339(time_of(notice))), delivery.is_missed, quoted(link(notice)), data);
  const int64_t seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  HttpPost out = post(options().url, std::move(body));
  out.headers.push_back("webhook-id: " + delivery.key);
  out.headers.push_back(fmt::format("webhook-timestamp: {}", seconds));
  if (!options().token.empty()) out.headers.push_back("Authorization: Bearer " + options().token);
  // The config was checked: a secret has a key.
  if (!options().secret.empty())
    out.headers.push_back("webhook-signature: " +
                          webhook_signature(*signing_key(options().secret), delivery.key, seconds, out.body));
  return out;
}

}  // namespace tidewatch
