#pragma once

#include "app/config/config.h"
#include "app/config/format/table.h"
#include "app/config/names.h"

namespace tidewatch::config {

/// Every key of a config: the only place where they are written.
const Table<Config>& root_table();

Key<Config> kafka_key();
Key<Config> topics_key();
Key<Config> measures_key();
Key<Config> session_key();
Key<Config> sampling_key();
Key<Config> validators_key();
Key<Config> judge_key();
Key<Config> judges_key();
Key<Config> detectors_key();
Key<Config> alerts_key();
Key<Config> prices_key();
Key<Config> currencies_key();
Key<Config> budgets_key();
Key<Config> rollouts_key();
Key<Config> slos_key();
Key<Config> sinks_key();

/// Days, or {from, to}.
Type<std::vector<Holiday>> holidays();
Type<std::string> time_zone();

/// Conditions on the facts of a request or call: one, or a list.
Type<std::vector<Matcher>> matchers(const Names& names);

/// Labels with values that fit, of validators and judges.
Type<LabelPatterns> label_patterns(const Names& names);

/// "severity=page", at least one.
Type<std::vector<LabelMatcher>> alert_matchers();

/// A value that does not stand in a config, which is shown, mailed and versioned.
Type<std::string> secret();

/// Of HTTP requests, by name.
Type<std::map<std::string, std::string>> headers();

/// JSON Schema of a detector's or a check's parameter.
Json param_schema(const ParamInfo& info);
/// Its value as it would be written; null: unset.
Json shown_param(const ParamInfo& info, const std::string& value);

/// A key whose type depends on what was read before it.
template <typename Access, typename T>
Key<Config> dependent_key(const std::string& name, Access access, const std::function<Type<T>(const Names&)>& type,
                          const std::string& help) {
  auto out = key<Config>(name, access, type(Names{}), help);
  out.read = [access, type](Reader& reader, const Place& place, Config& config) {
    if (auto value = type(names_of(config)).read(reader, place)) access(config) = std::move(*value);
  };
  return out;
}

/// A map by name as a list of what has a `name`; names are those of labels.
template <typename T>
Type<std::vector<T>> list_by_name(const Type<T>& type, const std::string& wanted) {
  const auto map = map_of(type, wanted, kLabelPattern, "is no such name; use small letters, digits and `_`");
  return converted<std::vector<T>, Named<T>>(
      map,
      [](Named<T> rows) {
        std::vector<T> out;
        for (auto& [name, value] : rows) {
          value.name = name;
          out.push_back(std::move(value));
        }
        return out;
      },
      [](const std::vector<T>& values) {
        Named<T> rows;
        for (const T& value : values) rows.emplace_back(value.name, value);
        return rows;
      });
}

/// What one key alone cannot know: values that must fit together. Brings shared values into every stage's options.
void complete(Config& config, Reader& reader);
void complete_judge(Config& config, Reader& reader);
void complete_money(Config& config, Reader& reader);
void complete_rollouts(Config& config, Reader& reader);
void complete_slos(Config& config, Reader& reader);
void check_sinks(const std::vector<SinkOptions>& sinks, Reader& reader);

/// A config that is part of another document of the file `file_name`; places are those of that document.
LoadedConfig load_node(std::string_view file_name, const YAML::Node& node, const Environment& environment);

}  // namespace tidewatch::config
