#include "stream/notify/formats/pagerduty_format.h"

#include <nlohmann/json.hpp>

#include "stream/notify/formats/wording.h"
#include "stream/publish/timestamps.h"

namespace tidewatch {
namespace {

using Json = nlohmann::json;

constexpr size_t kSummary = 1024;  ///< bytes that PagerDuty takes

/// An acknowledgement of what is not known there says nothing: it is triggered first.
const char* action_of(const Delivery& delivery) {
  if (!is_firing(*delivery.notice)) return "resolve";
  return transition_of(*delivery.notice) == "acknowledged" && !delivery.is_first ? "acknowledge" : "trigger";
}

std::string source_of(const v1::Incident& incident) {
  const auto service = incident.labels().find("service");
  return service == incident.labels().end() ? "tidewatch" : service->second;
}

}  // namespace

std::set<std::string> PagerDutyFormat::transitions() const {
  return {"joined", "escalated", "reopened", "acknowledged", "unsuppressed"};
}

Outgoing PagerDutyFormat::request(std::span<const Delivery> deliveries, Timestamp) const {
  const Delivery& delivery = deliveries.front();
  const v1::Incident& incident = delivery.notice->incident();
  Json body = {
      {"routing_key", options().routing_key}, {"dedup_key", incident.id()}, {"event_action", action_of(delivery)}};
  Json details = Json::object();
  for (const auto& [name, text] : facts(incident)) details[name] = text;
  details["Why"] = incident.why();
  body["payload"] = {{"summary", shortened(incident.title() + ": " + incident.why(), kSummary)},
                     {"source", source_of(incident)},
                     {"severity", incident.severity() == "page" ? "critical" : "warning"},
                     {"timestamp", rfc3339(from_proto(incident.starts_at()))},
                     {"custom_details", std::move(details)}};
  body["client"] = "Tidewatch";
  const std::string page = link(*delivery.notice);
  if (!page.empty()) body["client_url"] = page;
  if (!incident.runbook().empty()) body["links"] = Json::array({{{"href", incident.runbook()}, {"text", "Runbook"}}});
  return post(options().url, body.dump());
}

}  // namespace tidewatch
