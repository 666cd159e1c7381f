#include "app/config/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "stream/assemble/facts.h"
#include "stream/ingest/dialects/label_keys.h"

namespace tidewatch::config {
namespace {

constexpr std::array<std::string_view, 4> kStatistics = {"mean", "p50", "p95", "p99"};

std::vector<std::string_view> views(const std::vector<std::string>& names) { return {names.begin(), names.end()}; }

bool contains(const std::vector<std::string_view>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// A name that must be one of `names`.
Type<std::string> known_name(const std::string& what, const std::vector<std::string>& names,
                             const std::string& hint = {}) {
  Json values = Json::array();
  for (const auto& name : names) values.push_back(name);
  return scalar<std::string>(
      {{"anyOf", Json::array({{{"enum", values}}, {{"$ref", "#/$defs/reference"}}})}}, "a name",
      [=](const std::string& text) -> Result<std::string> {
        if (contains(views(names), text)) return text;
        return Error{"bad_value", unknown_name(what, text, views(names)) + hint};
      },
      [](const std::string& name) -> Json { return name.empty() ? Json() : Json(name); });
}

/// Every name that can be watched, without evaluation scores.
std::vector<std::string> watchable(const MeasureCatalog& catalog) {
  std::vector<std::string> out;
  for (size_t i = 0; i < catalog.size(); ++i) {
    const MeasureInfo& info = catalog.info(static_cast<MeasureId>(i));
    out.push_back(info.name);
    if (info.kind != MeasureKind::distribution) continue;
    for (const auto statistic : kStatistics) out.push_back(fmt::format("{}_{}", info.name, statistic));
  }
  return out;
}

/// What is wrong with a name that resolve_watched() does not know.
std::string not_watchable(const Names& names, const std::string& name) {
  const auto cut = name.rfind('_');
  const auto id = cut == std::string::npos ? std::nullopt : names.measures.find(name.substr(0, cut));
  if (id) {
    const auto kind = names.measures.info(*id).kind;
    if (kind == MeasureKind::distribution)
      return fmt::format("is no statistic of {}; there are {}", name.substr(0, cut), fmt::join(kStatistics, ", "));
    if (std::find(kStatistics.begin(), kStatistics.end(), name.substr(cut + 1)) != kStatistics.end())
      return fmt::format("is not there: {} is a {}, which has no statistics", name.substr(0, cut), name_of(kind));
  }
  const auto known = watchable(names.measures);
  return unknown_name("measure", name, views(known));
}

}  // namespace

const std::vector<std::string>& canonical_labels() {
  static const std::vector<std::string> names = [] {
    // These are not looked up by key: the route, the provider and the model are normalised.
    std::vector<std::string> out = {"endpoint", "provider", "model"};
    for (const auto& [label, keys] : default_label_keys())
      if (std::find(out.begin(), out.end(), label) == out.end()) out.push_back(label);
    return out;
  }();
  return names;
}

Names names_of(const Config& config) {
  Names out;
  out.labels = canonical_labels();
  for (const auto& [label, keys] : config.observe.label_keys)
    if (!contains(views(canonical_labels()), label)) out.labels.push_back(label);
  for (const auto& measure : config.assemble.measures) out.measures.add(measure.info);
  return out;
}

std::string unknown_name(const std::string& what, std::string_view given, const std::vector<std::string_view>& names) {
  const auto near = nearest_name(given, names);
  return near.empty() ? fmt::format("is no {}", what) : fmt::format("is no {}; did you mean \"{}\"?", what, near);
}

Type<std::string> label(const Names& names) {
  auto type = known_name("label", names.labels, " (labels of your own are defined under `labels`)");
  type.schema = {{"type", "string"}};  // their names are the user's
  return type;
}

Type<std::vector<std::string>> different_labels(const Names& names, size_t least) {
  auto type = list_of(label(names), "a list of labels, as in [service, endpoint]", least);
  type.read = [read = type.read](Reader& reader, const Place& place) -> std::optional<EntityGroup> {
    auto group = read(reader, place);
    if (!group) return std::nullopt;
    auto sorted = *group;
    std::sort(sorted.begin(), sorted.end());
    const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
    if (twice == sorted.end()) return group;
    reader.error(place, fmt::format("has {} twice", in_quotes(*twice)));
    return std::nullopt;
  };
  type.schema["uniqueItems"] = true;
  return type;
}

Type<EntityGroup> entity_group(const Names& names) { return different_labels(names, 1); }

Type<std::string> watched_measure(const Names& names) {
  return scalar<std::string>(
      {{"type", "string"}}, "the name of a measure",
      [names](const std::string& name) -> Result<std::string> {
        MeasureCatalog catalog = names.measures;
        const auto watched = resolve_watched(catalog, name);
        if (!watched) return Error{"bad_value", not_watchable(names, name)};
        return name;
      },
      [](const std::string& name) -> Json { return name; });
}

bool is_number_fact(std::string_view name) { return contains(Facts::number_names(), name); }

Type<std::string> any_fact(const Names& names) {
  const auto& numbers = Facts::number_names();
  std::vector<std::string> all = {numbers.begin(), numbers.end()};
  all.insert(all.end(), {"error_kind", "finish_reason", "response_model", "tool"});
  all.insert(all.end(), names.labels.begin(), names.labels.end());
  auto type = known_name("fact of requests and calls", all);
  type.schema = {{"type", "string"}};
  return type;
}

}  // namespace tidewatch::config
