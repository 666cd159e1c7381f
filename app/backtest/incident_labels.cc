#include "app/backtest/incident_labels.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "app/series/series_time.h"
#include "detectors/core/params.h"

namespace tidewatch {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kKeys[] = {"incident", "kind",     "scenario",     "starts_at", "ends_at",
                                      "labels",   "measures", "expect_alert", "why"};
/// Other spellings that people write by hand.
constexpr std::pair<std::string_view, std::string_view> kAliases[] = {
    {"name", "incident"}, {"start", "starts_at"}, {"end", "ends_at"}, {"measure", "measures"}};

Error bad(std::string_view key, const Json& value, std::string_view wanted) {
  return {"bad_label",
          fmt::format("{}: {} {}", key, value.dump(-1, ' ', false, Json::error_handler_t::replace), wanted)};
}

std::string_view canonical(std::string_view key) {
  for (const auto& [alias, name] : kAliases)
    if (alias == key) return name;
  return key;
}

Status check_keys(const Json& row) {
  for (const auto& [key, value] : row.items()) {
    const std::string_view name = canonical(key);
    if (std::find(std::begin(kKeys), std::end(kKeys), name) == std::end(kKeys)) {
      const std::vector<std::string_view> names(std::begin(kKeys), std::end(kKeys));
      const auto near = nearest_name(key, names);
      return Error{"bad_label", near.empty() ? fmt::format("{}: unknown key", key)
                                             : fmt::format("{}: unknown key; did you mean \"{}\"?", key, near)};
    }
    if (name != key && row.contains(std::string(name)))
      return Error{"bad_label", fmt::format("{}: the same as {}; write one of them", key, name)};
  }
  return ok_status();
}

const Json* find(const Json& row, std::string_view name) {
  for (const auto& [key, value] : row.items())
    if (canonical(key) == name && !value.is_null()) return &value;
  return nullptr;
}

Status read_text(const Json& row, std::string_view key, std::string& out) {
  const Json* value = find(row, key);
  if (value == nullptr) return ok_status();
  if (!value->is_string()) return bad(key, *value, "is not a text");
  out = value->get<std::string>();
  return ok_status();
}

Status read_time(const Json& row, std::string_view key, Timestamp& out) {
  const Json* value = find(row, key);
  if (value == nullptr) return Error{"bad_label", fmt::format("{}: is missing", key)};
  if (value->is_string() || value->is_number())
    if (const auto time = parse_series_time(value->is_string() ? value->get<std::string>() : value->dump()); time) {
      out = *time;
      return ok_status();
    }
  return bad(key, *value, "is not a time as 2026-03-01T12:00:00Z");
}

Status read_labels(const Json& row, std::map<std::string, std::string>& out) {
  const Json* value = find(row, "labels");
  if (value == nullptr) return ok_status();
  if (!value->is_object()) return bad("labels", *value, "is not a map as {\"service\": \"shop\"}");
  for (const auto& [name, label] : value->items()) {
    if (!label.is_string()) return bad(fmt::format("labels.{}", name), label, "is not a text");
    out[name] = label.get<std::string>();
  }
  return ok_status();
}

Status read_measures(const Json& row, std::vector<std::string>& out) {
  const Json* value = find(row, "measures");
  if (value == nullptr) return ok_status();
  const Json list = value->is_array() ? *value : Json::array({*value});
  for (const Json& name : list) {
    if (!name.is_string()) return bad("measures", name, "is not the name of a measure");
    out.push_back(name.get<std::string>());
  }
  return ok_status();
}

}  // namespace

Result<IncidentLabel> incident_label(const Json& row) {
  if (!row.is_object()) return Error{"bad_label", "is not a JSON object"};
  if (auto checked = check_keys(row); !checked) return checked.error();
  IncidentLabel out;
  for (const auto& [key, target] :
       {std::pair("incident", &out.incident), std::pair("kind", &out.kind), std::pair("why", &out.why)})
    if (auto read = read_text(row, key, *target); !read) return read.error();
  for (const auto& [key, target] : {std::pair("starts_at", &out.starts_at), std::pair("ends_at", &out.ends_at)})
    if (auto read = read_time(row, key, *target); !read) return read.error();
  if (out.ends_at < out.starts_at) return bad("ends_at", *find(row, "ends_at"), "is before starts_at");
  if (auto read = read_labels(row, out.labels); !read) return read.error();
  if (auto read = read_measures(row, out.measures); !read) return read.error();
  if (const Json* expect = find(row, "expect_alert"); expect != nullptr) {
    if (!expect->is_boolean()) return bad("expect_alert", *expect, "is neither true nor false");
    out.is_alert_expected = expect->get<bool>();
  }
  return out;
}

Result<IncidentLabel> parse_incident_label(std::string_view json) {
  try {
    return incident_label(Json::parse(json));
  } catch (const Json::parse_error& error) {
    return Error{"bad_label", fmt::format("is no JSON: at byte {} of the line", error.byte)};
  }
}

}  // namespace tidewatch
