#include "stream/notify/formats/wording.h"

#include <fmt/format.h>

#include "detectors/decide/wording.h"
#include "stream/notify/notice.h"
#include "stream/publish/timestamps.h"

namespace tidewatch {
namespace {

std::string labels_in_words(const google::protobuf::Map<std::string, std::string>& labels) {
  const std::map<std::string, std::string> sorted(labels.begin(), labels.end());
  std::string out;
  for (const auto& [name, value] : sorted) out += fmt::format("{}{}={}", out.empty() ? "" : ", ", name, value);
  return out.empty() ? "all services" : out;
}

std::string lasted(const v1::Incident& incident) {
  const Timestamp start = from_proto(incident.starts_at());
  if (!incident.has_ends_at()) return "since " + format_time(start, true);
  const Timestamp end = from_proto(incident.ends_at());
  return fmt::format("{} ({})", format_span(start, end), format_length(end - start));
}

}  // namespace

std::string in_unit(double value, std::string_view unit) {
  if (unit == "share") return format_quantity(value, Quantity::share);
  if (unit == "seconds") return format_quantity(value, Quantity::seconds);
  if (unit == "usd") return format_quantity(value, Quantity::usd);
  if (unit == "score") return format_quantity(value, Quantity::number);
  return format_quantity(value, Quantity::count, unit == "count" ? "" : unit);
}

std::string headline(const v1::Notice& notice) {
  if (notice.has_incident()) return notice.incident().title();
  return fmt::format("{}: {}", labels_in_words(notice.alert().labels()), notice.alert().measure());
}

std::string what_happened(const Delivery& delivery) {
  const v1::Notice& notice = *delivery.notice;
  if (delivery.is_missed) return "Fired and resolved";
  if (!is_firing(notice)) return "Resolved";
  if (delivery.is_first) return "Firing";
  const std::string& transition = transition_of(notice);
  if (transition == "escalated") return "Escalated";
  if (transition == "joined") return "More alerts";
  if (transition == "reopened") return "Firing again";
  if (transition == "acknowledged") return "Acknowledged";
  if (transition == "unacknowledged") return "No longer acknowledged";
  return "Still firing";
}

std::vector<std::pair<std::string, std::string>> facts(const v1::Incident& incident) {
  std::vector<std::pair<std::string, std::string>> out;
  out.emplace_back("Severity", incident.severity());
  out.emplace_back("When", lasted(incident));
  if (incident.has_cause())
    out.emplace_back("Likeliest cause", fmt::format("{} ({:.0f} %): {}", incident.cause().kind(),
                                                    100 * incident.cause().confidence(), incident.cause().why()));
  out.emplace_back("Alerts", incident.open_alerts() == 0
                                 ? fmt::format("{}, none fires any more", incident.alerts_size())
                                 : fmt::format("{} of {} fire", incident.open_alerts(), incident.alerts_size()));
  std::string changes;
  for (const auto& change : incident.changes())
    changes += fmt::format("{}{}={} at {}", changes.empty() ? "" : ", ", change.label(), change.value(),
                           format_time(from_proto(change.at())));
  if (!changes.empty()) out.emplace_back("New", changes);
  if (incident.has_acknowledged())
    out.emplace_back("Acknowledged", fmt::format("by {}{}{}", incident.acknowledged().by(),
                                                 incident.acknowledged().comment().empty() ? "" : ": ",
                                                 incident.acknowledged().comment()));
  if (!incident.runbook().empty()) out.emplace_back("Runbook", incident.runbook());
  return out;
}

std::string shortened(std::string text, size_t most) {
  constexpr std::string_view kEllipsis = "…";
  if (text.size() <= most) return text;
  size_t end = most - kEllipsis.size();
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + std::string(kEllipsis);
}

}  // namespace tidewatch
