#include "app/config/differences.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/config/tables.h"

namespace tidewatch {
namespace {

using config::Json;

/// Of processes and wires: they decide about no alert.
constexpr std::string_view kElsewhere[] = {"kafka", "topics", "commit", "stall", "idle",
                                           "http",  "log",    "format", "sinks"};

std::string written(const Json* value) {
  if (value == nullptr || value->is_null()) return {};
  return value->is_string() ? value->get<std::string>() : value->dump(-1, ' ', false, Json::error_handler_t::replace);
}

const Json* find(const Json& map, const std::string& key) {
  const auto at = map.find(key);
  return at == map.end() ? nullptr : &*at;
}

/// A list of maps with names, as a map by name; anything else as it is.
Json by_name(const Json& value) {
  const bool is_named = value.is_array() && !value.empty() &&
                        std::all_of(value.begin(), value.end(),
                                    [](const Json& item) { return item.is_object() && item.contains("name"); });
  if (!is_named) return value;
  Json out = Json::object();
  for (const Json& item : value) out[item["name"].get<std::string>()] = item;
  return out;
}

void compare(const Json* before, const Json* after, const std::string& path, std::vector<ConfigDifference>& out) {
  const Json left = before == nullptr ? Json() : by_name(*before);
  const Json right = after == nullptr ? Json() : by_name(*after);
  if (left == right) return;
  if (!left.is_object() || !right.is_object()) {
    out.push_back({path, written(before), written(after)});
    return;
  }
  const auto visit = [&](const std::string& key) {
    compare(find(left, key), find(right, key), path.empty() ? key : path + "." + key, out);
  };
  for (const auto& [key, value] : left.items()) visit(key);
  for (const auto& [key, value] : right.items())
    if (!left.contains(key)) visit(key);
}

}  // namespace

std::vector<ConfigDifference> config_differences(const Config& before, const Config& after) {
  Json left = config::root_table().show(before);
  Json right = config::root_table().show(after);
  for (const auto name : kElsewhere) {
    left.erase(std::string(name));
    right.erase(std::string(name));
  }
  for (Json* config : {&left, &right})
    for (const auto* credential : {"key", "headers"}) (*config)["judge"].erase(credential);
  std::vector<ConfigDifference> out;
  compare(&left, &right, "", out);
  return out;
}

std::string to_string(const ConfigDifference& difference, const std::string& prefix) {
  const std::string& path = difference.path;
  const std::string name = path.starts_with(prefix) ? path.substr(prefix.size()) : path;
  constexpr size_t kShown = 60;
  const auto shown = [](const std::string& value) {
    if (value.empty()) return std::string("(nothing)");
    return value.size() > kShown ? fmt::format("{}...", std::string_view(value).substr(0, kShown)) : value;
  };
  return fmt::format("{} {} -> {}", name, shown(difference.before), shown(difference.after));
}

}  // namespace tidewatch
