#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>

#include "app/config/effect.h"
#include "app/config/tables.h"

namespace tidewatch::config {
namespace {

using namespace std::chrono_literals;
using SharedNames = std::shared_ptr<const Names>;

constexpr const char* kRuleNamePattern = "[A-Za-z0-9][A-Za-z0-9_-]*";

std::vector<std::string_view> detector_names() {
  std::vector<std::string_view> out;
  for (const auto& info : describe_detectors()) out.push_back(info.name);
  return out;
}

Type<std::string> detector_name() {
  Json values = Json::array();
  for (const auto name : detector_names()) values.push_back(std::string(name));
  return scalar<std::string>(
      {{"enum", values}}, "the name of a detector",
      [](const std::string& name) -> Result<std::string> {
        const auto names = detector_names();
        if (std::find(names.begin(), names.end(), name) != names.end()) return name;
        return Error{"bad_value", unknown_name("detector", name, names)};
      },
      [](const std::string& name) -> Json { return name.empty() ? Json() : Json(name); });
}

/// "detectors.refusals." of the place of its key.
std::string rule_path(const Place& place, const std::string& key) {
  return place.path.substr(0, place.path.size() - key.size());
}

/// The key of which `key` is the other spelling ("measure" and "measures") must not be there as well.
void refuse_both(Reader& reader, const Place& place, const std::string& key, const std::string& other) {
  if (reader.was_written(rule_path(place, key) + other))
    reader.error(place, fmt::format("write {} or {}, not both", other, key));
}

/// `one` or `several`, whichever fits how many there are.
template <typename T>
void add_one_or_several(std::vector<Key<DetectorRule>>& keys, const std::string& one, const std::string& several,
                        std::vector<T> DetectorRule::*member, const Type<T>& type, const std::string& wanted,
                        const std::string& help) {
  const auto list = list_of(type, wanted, 1);
  Key<DetectorRule> single = {.name = one,
                              .help = help,
                              .read =
                                  [=](Reader& reader, const Place& place, DetectorRule& rule) {
                                    if (auto value = type.read(reader, place)) rule.*member = {std::move(*value)};
                                  },
                              .show = [=](const DetectorRule& rule) -> Json {
                                return (rule.*member).size() == 1 ? type.show((rule.*member).front()) : Json();
                              },
                              .schema = type.schema,
                              .is_required = false};
  single.schema["description"] = help;
  Key<DetectorRule> plural = {.name = several,
                              .help = help + ", several",
                              .read =
                                  [=](Reader& reader, const Place& place, DetectorRule& rule) {
                                    refuse_both(reader, place, several, one);
                                    auto values = list.read(reader, place);
                                    if (!values) return;
                                    if (values->size() == 1)
                                      reader.also_at(place.path + "[0]", rule_path(place, several) + one);
                                    rule.*member = std::move(*values);
                                  },
                              .show = [=](const DetectorRule& rule) -> Json {
                                return (rule.*member).size() > 1 ? list.show(rule.*member) : Json();
                              },
                              .schema = list.schema,
                              .is_required = false};
  plural.schema["description"] = plural.help;
  keys.push_back(std::move(single));
  keys.push_back(std::move(plural));
}

Key<DetectorRule> min_effect_key(const SharedNames& names) {
  const std::string help =
      "least effect that alerts: 15% is relative; 0.5pp, 200ms, 0.01 USD, 50 tokens are absolute; of two, both must be "
      "reached";
  const auto type = one_or_more(effect(), "an effect or a list of effects");
  return {.name = "min_effect",
          .help = help,
          .read =
              [=](Reader& reader, const Place& place, DetectorRule& rule) {
                if (const auto effects = type.read(reader, place)) take_effects(reader, place, *effects, *names, rule);
              },
          .show = [=](const DetectorRule& rule) { return type.show(effects_of(rule, *names)); },
          .schema =
              [&] {
                Json schema = type.schema;
                schema["description"] = help;
                schema["default"] = type.show(effects_of(DetectorRule{}, *names));
                return schema;
              }(),
          .is_required = false};
}

/// `for: 3` windows, or `for: 15m` when that is a whole number of windows.
Key<DetectorRule> windows_key(const std::string& name, uint32_t DetectorRule::*member, const std::string& help) {
  constexpr uint32_t kMost = 1000;
  Key<DetectorRule> out;
  out.name = name;
  out.help = help;
  out.read = [=](Reader& reader, const Place& place, DetectorRule& rule) {
    const auto text = reader.scalar(place, "a number of windows or a duration");
    if (!text) return;
    double windows = -1;
    if (const auto span = parse_duration(text->value); span) {
      if (*span % rule.window != Duration::zero())
        return reader.error(place, fmt::format("{} is not a multiple of the window, {}", text->in_words(),
                                               format_duration(rule.window)));
      windows = static_cast<double>(*span / rule.window);
    } else if (const auto number = parse_number(text->value); number) {
      windows = *number;
    }
    if (windows < 1 || windows > kMost || windows != std::floor(windows))
      return reader.error(place, fmt::format("{} is neither a whole number of windows from 1 to {} nor a duration of "
                                             "as many",
                                             text->in_words(), kMost));
    rule.*member = static_cast<uint32_t>(windows);
  };
  out.show = [=](const DetectorRule& rule) -> Json { return rule.*member; };
  out.schema = {{"anyOf", Json::array({{{"type", "integer"}, {"minimum", 1}, {"maximum", kMost}},
                                       {{"$ref", "#/$defs/duration"}}})},
                {"description", help},
                {"default", DetectorRule{}.*member}};
  return out;
}

Table<DetectorRule> alert_table(const SharedNames& names) {
  return {.keys = {min_effect_key(names),
                   key<DetectorRule>("severity", at(&DetectorRule::severity),
                                     one_of<Severity>({{"ticket", Severity::ticket}, {"page", Severity::page}}),
                                     "at least this severe"),
                   key<DetectorRule>("page_above", at(&DetectorRule::page_above), maybe(share(range(0, 1e6))),
                                     "relative effect that pages; when not written, it depends on the measure"),
                   windows_key("for", &DetectorRule::for_windows, "windows in a row before it fires"),
                   windows_key("resolve_after", &DetectorRule::resolve_after, "calm windows in a row before it ends")},
          .more = {},
          .refused = {}};
}

/// Keys of the parameters of the rule's detector.
std::vector<Key<DetectorRule>> param_keys(const DetectorInfo& detector) {
  std::vector<Key<DetectorRule>> out;
  for (const ParamInfo& info : detector.params) {
    Key<DetectorRule> param;
    param.name = info.name;
    param.help = info.help;
    param.schema = param_schema(info);
    param.read = [info](Reader& reader, const Place& place, DetectorRule& rule) {
      const auto text = reader.scalar(place, "a single value");
      if (!text) return;
      if (const auto status = check_detector(rule.detector, {{info.name, text->value}}); !status) {
        std::string_view reason = status.error().message;
        if (const auto prefix = info.name + ": "; reason.starts_with(prefix)) reason.remove_prefix(prefix.size());
        return reader.error(place,
                            text->reference.empty() ? std::string(reason) : text->in_words() + " is not accepted");
      }
      std::erase_if(rule.settings, [&](const auto& setting) { return setting.first == info.name; });
      rule.settings.emplace_back(info.name, text->value);
    };
    param.show = [info](const DetectorRule& rule) {
      for (const auto& [name, value] : rule.settings)
        if (name == info.name) return shown_param(info, value);
      return shown_param(info, info.default_value);
    };
    out.push_back(std::move(param));
  }
  return out;
}

std::vector<Key<DetectorRule>> keys_of_detector(const DetectorRule& rule) {
  std::vector<Key<DetectorRule>> out;
  for (const auto& detector : describe_detectors())
    if (detector.name == rule.detector) out = param_keys(detector);
  Key<DetectorRule> group;
  group.name = "params";
  group.help = "the detector's parameters, which may also stand beside its name";
  group.read = [known = out](Reader& reader, const Place& place, DetectorRule& target) {
    const Place same(place.node, place.path.substr(0, place.path.rfind('.')), place.mark);
    Table<DetectorRule>{.keys = known, .more = {}, .refused = {}}.read(reader, same, target);
  };
  group.show = [](const DetectorRule&) { return Json(); };
  out.insert(out.begin(), std::move(group));
  return out;
}

Json rule_schema(const Table<DetectorRule>& table) {
  Json schema = table.schema();
  Json params = {{"type", "object"}, {"properties", Json::object()}, {"additionalProperties", false}};
  for (const auto& detector : describe_detectors())
    for (const auto& param : detector.params) {
      const Json ref = {{"$ref", fmt::format("#/$defs/detector_{}/properties/{}", detector.name, param.name)}};
      for (Json* properties : {&params["properties"], &schema["properties"]}) {
        Json& known = (*properties)[param.name];
        if (known.is_null()) known = {{"anyOf", Json::array()}};
        known["anyOf"].push_back(ref);
      }
    }
  params["description"] = "the detector's parameters, which may also stand beside its name";
  schema["properties"]["params"] = std::move(params);
  schema["required"] = Json::array({"name"});
  return schema;
}

Table<DetectorRule> rule_table(const SharedNames& names) {
  Table<DetectorRule> table;
  auto& keys = table.keys;
  keys.push_back(key<DetectorRule>("name", at(&DetectorRule::name),
                                   text_like(kRuleNamePattern, "is no such name; use letters, digits, `_` and `-`"),
                                   "unique; that of a default rule changes it"));
  keys.push_back(key<DetectorRule>("enabled", at(&DetectorRule::is_enabled), boolean(), "false switches the rule off"));
  Key<DetectorRule> detector =
      key<DetectorRule>("detector", at(&DetectorRule::detector), detector_name(), "which detector");
  detector.read = [read = detector.read](Reader& reader, const Place& place, DetectorRule& rule) {
    const std::string before = rule.detector;
    read(reader, place, rule);
    if (rule.detector != before) rule.settings.clear();  // they were another detector's
  };
  keys.push_back(std::move(detector));
  add_one_or_several<std::string>(keys, "measure", "measures", &DetectorRule::measures, watched_measure(*names),
                                  "a list of measures", "what is watched: refusal_rate, latency_p95, ...");
  add_one_or_several<EntityGroup>(keys, "entity", "entities", &DetectorRule::entities, entity_group(*names),
                                  "a list of groups of labels",
                                  "group of labels it runs on, one of `entities`; when not written, all");
  keys.push_back(key<DetectorRule>("window", at(&DetectorRule::window), duration(1s, 24h * 7),
                                   "interval that is judged, a multiple of the pane"));
  keys.push_back(key<DetectorRule>("min_count", at(&DetectorRule::min_count), integer<uint32_t>(1, 1'000'000),
                                   "observations that are judged at least: a window with fewer is judged together with "
                                   "those that follow; not of sums, distinct counts and gap"));
  keys.push_back(key<DetectorRule>(
      "direction", at(&DetectorRule::direction),
      one_of<std::optional<Direction>>(
          {{"worse", std::nullopt}, {"up", Direction::up}, {"down", Direction::down}, {"either", Direction::either}}),
      "side that counts; worse: the measure's worse side, or either where neither is"));
  keys.push_back(section<DetectorRule>("alert", alert_table(names), "when it alerts"));
  table.more = keys_of_detector;
  return table;
}

/// The `name` of a rule, for its path; empty when there is none.
std::string name_in(const YAML::Node& node) {
  if (!node.IsMap()) return {};
  for (const auto& pair : node)
    if (pair.first.IsScalar() && pair.first.Scalar() == "name" && pair.second.IsScalar() &&
        matches(pair.second.Scalar(), kRuleNamePattern))
      return pair.second.Scalar();
  return {};
}

/// Where a rule says what it watches; where it names its detector when that is a default rule's.
std::string place_of_measures(Reader& reader, const Place& place) {
  for (const char* key : {".measures", ".measure"})
    if (reader.was_written(place.path + key)) return place.path + key;
  return place.path + ".detector";
}

void check_kinds(Reader& reader, const Place& place, const DetectorRule& rule, const Names& names) {
  if (rule.detector.empty()) return;
  for (const auto& measure : rule.measures) {
    MeasureCatalog catalog = names.measures;
    const auto watched = resolve_watched(catalog, measure);
    if (!watched) continue;
    const auto fits = check_kind(rule.detector, catalog.info(watched->measure).kind, watched->statistic);
    if (!fits) reader.error_at(place_of_measures(reader, place), in_quotes(measure) + " " + fits.error().message);
  }
}

void check_rule(Reader& reader, const Place& place, const DetectorRule& rule, const Names& names) {
  const auto is_missing = [&](const std::string& key) { return !reader.was_written(place.path + "." + key); };
  if (rule.name.empty() && is_missing("name")) reader.error(place, "needs a name");
  if (rule.detector.empty() && is_missing("detector"))
    reader.error(place, fmt::format("needs a detector; there are {}", fmt::join(detector_names(), ", ")));
  if (rule.measures.empty() && is_missing("measure") && is_missing("measures")) reader.error(place, "needs a measure");
  const auto is_pattern = [](const std::string& name) { return name.ends_with('*'); };
  if (rule.measures.size() > 1 && std::any_of(rule.measures.begin(), rule.measures.end(), is_pattern))
    reader.error_at(place.path + ".measures", "a pattern stands alone");
  else if (!rule.measures.empty() && !rule.detector.empty())
    if (const auto fits = check_observations(rule.detector, rule.measures.size()); !fits)
      reader.error_at(place_of_measures(reader, place), fits.error().message);
  check_kinds(reader, place, rule, names);
}

void read_rules(Reader& reader, const Place& place, Config& config) {
  const auto items = reader.list(place, "a list of rules");
  if (!items) return;
  const auto names = std::make_shared<const Names>(names_of(config));
  const auto table = rule_table(names);
  auto& rules = config.detect.rules;
  std::set<std::string> seen;
  for (const Place& item : *items) {
    const std::string name = name_in(item.node);
    const Place named{item.node, name.empty() ? item.path : place.path + "." + name};
    if (!name.empty() && !seen.insert(name).second) {
      reader.error(item, fmt::format("a second rule named {}", in_quotes(name)));
      continue;
    }
    const auto known = std::find_if(rules.begin(), rules.end(), [&](const auto& r) { return r.name == name; });
    const bool is_default = !name.empty() && known != rules.end();
    DetectorRule rule = is_default ? *known : DetectorRule{};
    table.read(reader, named, rule);
    check_rule(reader, named, rule, *names);
    if (is_default)
      *known = std::move(rule);
    else
      rules.push_back(std::move(rule));
  }
}

}  // namespace

Key<Config> detectors_key() {
  const auto table = rule_table(std::make_shared<const Names>());
  Key<Config> out;
  out.name = "detectors";
  out.help = "rules: a detector on measures of entities; a rule with the name of a default one changes it";
  out.read = read_rules;
  out.show = [](const Config& config) {
    const auto rules = rule_table(std::make_shared<const Names>(names_of(config)));
    Json shown = Json::array();
    for (const auto& rule : config.detect.rules) shown.push_back(rules.show(rule));
    return shown;
  };
  out.schema = {{"type", "array"}, {"items", rule_schema(table)}, {"description", out.help}};
  return out;
}

}  // namespace tidewatch::config
