#include "stream/window/entity.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace tidewatch {
namespace {

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '\\' || c == ',' || c == '=') out.push_back('\\');
    out.push_back(c);
  }
}

}  // namespace

void Labels::set(std::string_view name, std::string_view value) {
  if (value.empty()) return;
  for (auto& row : rows_)
    if (row.first == name) {
      row.second = value;
      return;
    }
  rows_.emplace_back(name, value);
}

void Labels::set_if_absent(std::string_view name, std::string_view value) {
  if (!find(name)) set(name, value);
}

const std::string* Labels::find(std::string_view name) const {
  const auto row = std::find_if(rows_.begin(), rows_.end(), [&](const auto& r) { return r.first == name; });
  return row == rows_.end() ? nullptr : &row->second;
}

std::string_view Labels::get(std::string_view name) const {
  const auto* value = find(name);
  return value ? std::string_view(*value) : std::string_view();
}

std::string entity_key(const EntityGroup& group, const Labels& labels, std::string_view model) {
  std::string out;
  for (const auto& name : group) {
    std::string_view value = labels.get(name);
    if (name == "model" && !model.empty()) value = model;
    if (value.empty()) return {};
    if (!out.empty()) out.push_back(',');
    append_escaped(out, name);
    out.push_back('=');
    append_escaped(out, value);
  }
  return out;
}

Result<Labels> parse_entity_key(std::string_view key) {
  Labels out;
  std::string name;
  std::string current;
  bool in_value = false;
  const auto finish = [&] {
    if (!in_value || name.empty() || current.empty()) return false;
    out.set(name, current);
    name.clear();
    current.clear();
    in_value = false;
    return true;
  };
  for (size_t i = 0; i < key.size(); ++i) {
    if (key[i] == '\\' && i + 1 < key.size()) {
      current.push_back(key[++i]);
    } else if (key[i] == '=' && !in_value) {
      name = std::exchange(current, {});
      in_value = true;
    } else if (key[i] == ',') {
      if (!finish()) return Error{"bad_entity", fmt::format("\"{}\" is not an entity key", key)};
    } else {
      current.push_back(key[i]);
    }
  }
  if (!finish()) return Error{"bad_entity", fmt::format("\"{}\" is not an entity key", key)};
  return out;
}

std::string group_name(const EntityGroup& group) { return fmt::format("{}", fmt::join(group, ", ")); }

}  // namespace tidewatch
