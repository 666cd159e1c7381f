#include "app/backtest/incident_labels.h"

#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>

#include <nlohmann/json.hpp>
#include <optional>

namespace tidewatch {
namespace {

std::optional<Timestamp> parse_time(const std::string& text) {
  google::protobuf::Timestamp parsed;
  if (!google::protobuf::util::TimeUtil::FromString(text, &parsed)) return std::nullopt;
  return Timestamp(Duration(google::protobuf::util::TimeUtil::TimestampToNanoseconds(parsed)));
}

}  // namespace

Result<IncidentLabel> parse_incident_label(std::string_view json) {
  const auto parsed = nlohmann::json::parse(json, nullptr, false);
  if (!parsed.is_object()) return Error{"bad_label", "not a JSON object"};
  const auto text = [&](const char* key) {
    const auto at = parsed.find(key);
    return at != parsed.end() && at->is_string() ? at->get<std::string>() : std::string();
  };
  IncidentLabel out;
  out.incident = text("incident");
  if (out.incident.empty()) return Error{"bad_label", "incident: needs a name"};
  out.kind = text("kind");
  out.why = text("why");
  for (const auto& [key, target] : {std::pair("starts_at", &out.starts_at), std::pair("ends_at", &out.ends_at)}) {
    const auto time = parse_time(text(key));
    if (!time)
      return Error{"bad_label", fmt::format("{}: \"{}\" is not a time as 2026-03-01T12:00:00Z", key, text(key))};
    *target = *time;
  }
  if (out.ends_at < out.starts_at) return Error{"bad_label", "ends_at is before starts_at"};
  if (const auto labels = parsed.find("labels"); labels != parsed.end() && labels->is_object())
    for (const auto& [name, value] : labels->items())
      if (value.is_string()) out.labels[name] = value.get<std::string>();
  if (const auto expect = parsed.find("expect_alert"); expect != parsed.end() && expect->is_boolean())
    out.is_alert_expected = expect->get<bool>();
  return out;
}

}  // namespace tidewatch
