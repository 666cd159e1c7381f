#include "app/config/format/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

namespace tidewatch::config {
namespace {

std::string_view kind_of(const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Map:
      return "a map";
    case YAML::NodeType::Sequence:
      return "a list";
    case YAML::NodeType::Scalar:
      return "a single value";
    default:
      return "nothing";
  }
}

std::string must_be(std::string_view wanted, const YAML::Node& node) {
  return fmt::format("must be {}, not {}", wanted, kind_of(node));
}

/// A path as messages show it: keys are the user's and may be anything.
std::string shown(const std::string& path) {
  const bool is_plain = path.size() <= 200 && std::all_of(path.begin(), path.end(), [](char c) {
                          return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
                        });
  return is_plain ? path : in_quotes(path);
}

std::string join(const std::string& path, const std::string& key) { return path.empty() ? key : path + "." + key; }

Entry entry_of(const std::string& path, const YAML::Node& key, const YAML::Node& value) {
  return {key.Scalar(), key.Mark(), Place(value, join(path, key.Scalar()), value.IsNull() ? key.Mark() : value.Mark())};
}

}  // namespace

std::string in_quotes(std::string_view text) {
  constexpr size_t kShown = 100;
  const bool is_long = text.size() > kShown;
  return Json(std::string(text.substr(0, kShown)) + (is_long ? "..." : ""))
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string Scalar::in_words() const {
  return reference.empty() ? in_quotes(value) : fmt::format("the value of {}", reference);
}

void Reader::error(const YAML::Mark& mark, const std::string& path, std::string message) {
  const bool known = !mark.is_null();
  errors_.push_back({file_, known ? mark.line + 1 : 0, known ? mark.column + 1 : 0, shown(path), std::move(message)});
}

void Reader::error_at(const std::string& path, std::string message) {
  for (std::string_view at = path; !at.empty();) {
    if (const auto origin = origins_.find(at); origin != origins_.end()) {
      errors_.push_back({file_, origin->second.line, origin->second.column, shown(path), std::move(message)});
      return;
    }
    const auto cut = at.find_last_of(".[");
    at = cut == std::string_view::npos ? std::string_view() : at.substr(0, cut);
  }
  errors_.push_back({file_, 0, 0, shown(path), std::move(message)});
}

std::vector<ConfigError> Reader::take_errors() {
  const auto key = [](const ConfigError& e) { return std::tie(e.line, e.column, e.path, e.message); };
  std::stable_sort(errors_.begin(), errors_.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
  const auto end =
      std::unique(errors_.begin(), errors_.end(), [&](const auto& a, const auto& b) { return key(a) == key(b); });
  errors_.erase(end, errors_.end());
  return std::move(errors_);
}

bool Reader::visit(const Place& place) {
  if (++values_ == kMaxValues + 1)
    error(place, fmt::format("more than {} values, aliases counted each time they are used", kMaxValues));
  if (values_ > kMaxValues) return false;
  origins_[place.path] = Origin{place.mark.line + 1, place.mark.column + 1, {}};
  return true;
}

void Reader::also_at(const std::string& from, const std::string& to) {
  if (const auto origin = origins_.find(from); origin != origins_.end()) origins_[to] = Origin(origin->second);
}

std::optional<Scalar> Reader::scalar(const Place& place, std::string_view wanted) {
  if (!visit(place)) return std::nullopt;
  if (!place.node.IsScalar()) {
    error(place, must_be(wanted, place.node));
    return std::nullopt;
  }
  Scalar out;
  bool has_reference = false;
  auto value = resolve(place, place.node.Scalar(), has_reference);
  if (!value) return std::nullopt;
  out.value = std::move(*value);
  out.is_quoted = place.node.Tag() == "!";
  if (has_reference) {
    out.reference = place.node.Scalar();
    origins_[place.path].reference = out.reference;
  }
  return out;
}

std::optional<std::string> Reader::resolve(const Place& place, const std::string& text, bool& has_reference) {
  std::string out;
  size_t from = 0;
  while (true) {
    const size_t open = text.find("${", from);
    if (open == std::string::npos) return out + text.substr(from);
    out += text.substr(from, open - from);
    const size_t close = text.find('}', open);
    const size_t colon = text.find(':', open);
    if (close == std::string::npos || colon > close) {
      error(place, fmt::format("{} has a reference that is neither ${{env:NAME}} nor ${{file:PATH}}", in_quotes(text)));
      return std::nullopt;
    }
    const auto value = value_of(place, std::string_view(text).substr(open + 2, colon - open - 2),
                                text.substr(colon + 1, close - colon - 1));
    if (!value) return std::nullopt;
    out += *value;
    has_reference = true;
    from = close + 1;
  }
}

std::optional<std::string> Reader::value_of(const Place& place, std::string_view kind, const std::string& name) {
  if (kind == "env") {
    auto value = environment_.variable(name);
    if (!value) error(place, fmt::format("the environment variable {} is not set", name));
    return value;
  }
  if (kind == "file") {
    auto content = environment_.file(name);
    if (!content) {
      error(place, fmt::format("the file {} {}", name, content.error().message));
      return std::nullopt;
    }
    std::string value = std::move(content).value();
    if (value.ends_with('\n')) value.pop_back();  // the line end that editors and secret stores add
    return value;
  }
  error(place, fmt::format("${{{}:{}}}: there are ${{env:NAME}} and ${{file:PATH}}", kind, name));
  return std::nullopt;
}

std::optional<std::vector<Entry>> Reader::map(const Place& place, std::string_view wanted) {
  if (!visit(place)) return std::nullopt;
  std::vector<Entry> entries;
  if (place.node.IsNull()) return entries;
  if (!place.node.IsMap()) {
    error(place, must_be(wanted, place.node));
    return std::nullopt;
  }
  add_entries(place, entries);
  return entries;
}

void Reader::add_entries(const Place& place, std::vector<Entry>& entries) {
  std::vector<YAML::Node> merged;
  std::map<std::string_view, int> lines;  // by key, which the document keeps alive
  for (const auto& pair : place.node) {
    const YAML::Node& key = pair.first;
    if (!key.IsScalar()) {
      error(key.Mark(), place.path, fmt::format("a key must be a name, not {}", kind_of(key)));
      continue;
    }
    const std::string& name = key.Scalar();
    if (name == "<<") {
      merged.push_back(pair.second);
      continue;
    }
    const auto [first, is_new] = lines.emplace(name, key.Mark().line + 1);
    if (!is_new) {
      error(key.Mark(), join(place.path, name), fmt::format("written twice; first in line {}", first->second));
      continue;
    }
    entries.push_back(entry_of(place.path, key, pair.second));
  }
  std::set<std::string_view> known;
  for (const auto& [name, line] : lines) known.insert(name);
  for (const YAML::Node& node : merged) merge({node, place.path}, known, entries);
}

// The value of `<<` is a map, or a list of maps of which the earlier win; what stands beside it wins over both.
void Reader::merge(const Place& place, std::set<std::string_view>& known, std::vector<Entry>& entries) {
  std::vector<YAML::Node> maps;
  if (place.node.IsSequence())
    for (const YAML::Node& node : place.node) maps.push_back(node);
  else
    maps.push_back(place.node);
  for (const YAML::Node& map : maps) {
    if (!map.IsMap()) {
      error(place, fmt::format("<< takes a map or a list of maps, not {}", kind_of(map)));
      continue;
    }
    for (const auto& pair : map) {
      if (++values_ > kMaxValues || !pair.first.IsScalar() || pair.first.Scalar() == "<<") continue;
      const std::string& name = pair.first.Scalar();
      if (known.insert(name).second) entries.push_back(entry_of(place.path, pair.first, pair.second));
    }
  }
}

std::optional<std::vector<Place>> Reader::list(const Place& place, std::string_view wanted) {
  if (!visit(place)) return std::nullopt;
  std::vector<Place> out;
  if (place.node.IsNull()) return out;
  if (!place.node.IsSequence()) {
    error(place, must_be(wanted, place.node));
    return std::nullopt;
  }
  for (const YAML::Node& item : place.node) {
    if (values_ > kMaxValues) break;
    out.push_back({item, fmt::format("{}[{}]", place.path, out.size())});
  }
  return out;
}

}  // namespace tidewatch::config
