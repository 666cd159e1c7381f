#include "stream/notify/formats/alertmanager_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "stream/notify/formats/wording.h"
#include "stream/publish/timestamps.h"

namespace tidewatch {
namespace {

using Json = nlohmann::json;

/// So many times may it be told again in vain before it forgets (as Prometheus has it).
constexpr int kRepeats = 4;

/// Of a label as Prometheus takes it.
std::string label_name(std::string name) {
  for (char& c : name)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_')) c = '_';
  if (!name.empty() && name.front() >= '0' && name.front() <= '9') name.insert(0, 1, '_');
  return name;
}

Json labels_of(const v1::Alert& alert) {
  Json out = Json::object();
  for (const auto& [name, value] : alert.labels())
    if (!value.empty()) out[label_name(name)] = value;
  out["alertname"] = alert.rule().empty() ? alert.measure() : alert.rule();
  out["measure"] = alert.measure();
  out["kind"] = alert.kind();
  out["severity"] = alert.severity();
  if (!alert.incident_id().empty()) out["incident"] = alert.incident_id();
  return out;
}

}  // namespace

std::set<std::string> AlertmanagerFormat::transitions() const {
  return {"fired", "escalated", "acknowledged", "unacknowledged", "unsuppressed"};
}

Json AlertmanagerFormat::alert(const Delivery& delivery, Timestamp now) const {
  const v1::Alert& alert = delivery.notice->alert();
  const Timestamp start = from_proto(alert.starts_at());
  const bool is_over = alert.state() != "firing";
  const Timestamp end =
      is_over ? std::clamp(time_of(*delivery.notice), start, std::max(start, now)) : now + kRepeats * options().resend;
  Json annotations = {{"summary", headline(*delivery.notice)},
                      {"description", alert.why()},
                      {"alert_id", alert.id()},
                      {"value", in_unit(alert.value(), alert.unit())},
                      {"expected", in_unit(alert.expected(), alert.unit())}};
  if (alert.has_cause()) annotations["cause"] = alert.cause().kind();
  if (!alert.runbook().empty()) annotations["runbook_url"] = alert.runbook();
  if (alert.has_acknowledged()) annotations["acknowledged_by"] = alert.acknowledged().by();
  Json out = {{"labels", labels_of(alert)},
              {"annotations", std::move(annotations)},
              {"startsAt", rfc3339(start)},
              {"endsAt", rfc3339(end)}};
  if (const std::string page = link(*delivery.notice); !page.empty()) out["generatorURL"] = page;
  return out;
}

Outgoing AlertmanagerFormat::request(std::span<const Delivery> deliveries, Timestamp now) const {
  Json body = Json::array();
  for (const Delivery& delivery : deliveries) {
    Json one = alert(delivery, now);
    const Json before = Json::parse(delivery.reference, nullptr, false);
    if (before.is_object() && before != one["labels"]) {
      Json ended = one;
      ended["labels"] = before;
      ended["endsAt"] = rfc3339(std::max(now, from_proto(delivery.notice->alert().starts_at())));
      body.push_back(std::move(ended));
    }
    body.push_back(std::move(one));
  }
  std::string url = options().url;
  while (url.ends_with('/')) url.pop_back();
  HttpPost out = post(url + "/api/v2/alerts", body.dump());
  if (!options().token.empty()) out.headers.push_back("Authorization: Bearer " + options().token);
  return out;
}

std::string AlertmanagerFormat::reference(const Delivery& told, const TransferOutcome&) const {
  return labels_of(told.notice->alert()).dump();
}

}  // namespace tidewatch
