#include <fmt/format.h>

#include <algorithm>

#include "app/config/tables.h"
#include "stream/evaluate/validators/registry.h"

namespace tidewatch::config {
namespace {

Type<std::string> check_name() {
  Json values = Json::array();
  for (const auto& info : describe_validators()) values.push_back(info.name);
  return scalar<std::string>(
      {{"enum", values}}, "the name of a check",
      [](const std::string& name) -> Result<std::string> {
        std::vector<std::string_view> names;
        for (const auto& info : describe_validators()) {
          if (info.name == name) return name;
          names.push_back(info.name);
        }
        return Error{"bad_value", unknown_name("check", name, names)};
      },
      [](const std::string& name) -> Json { return name; });
}

/// What was written for a parameter, as the registry takes it: lists as several settings of one name.
std::optional<std::vector<std::string>> written(Reader& reader, const Place& place, const ParamInfo& info) {
  if (info.type == "list") return one_or_more(text(), "a text or a list of texts").read(reader, place);
  auto value = reader.scalar(place, "a single value");
  if (!value) return std::nullopt;
  return std::vector<std::string>{value->value};
}

Key<ValidatorRule> param_key(const std::string& check, const ParamInfo& info) {
  Key<ValidatorRule> out;
  out.name = info.name;
  out.help = info.help;
  out.schema = param_schema(info);
  out.read = [check, info](Reader& reader, const Place& place, ValidatorRule& rule) {
    const auto values = written(reader, place, info);
    if (!values) return;
    for (const std::string& value : *values) {
      const auto status = check_setting(check, info.name, value);
      if (status) {
        rule.settings.emplace_back(info.name, value);
        continue;
      }
      std::string_view reason = status.error().message;
      if (const auto prefix = info.name + ": "; reason.starts_with(prefix)) reason.remove_prefix(prefix.size());
      reader.error(place, std::string(reason));
    }
  };
  out.show = [info](const ValidatorRule& rule) -> Json {
    Json list = Json::array();
    for (const auto& [name, value] : rule.settings)
      if (name == info.name) list.push_back(shown_param(info, value));
    if (info.type == "list") return list.empty() ? Json() : list;
    return list.empty() ? Json() : list.back();  // defaults are in docs/validators.md
  };
  return out;
}

std::vector<Key<ValidatorRule>> keys_of_check(const ValidatorRule& rule) {
  std::vector<Key<ValidatorRule>> out;
  for (const auto& info : describe_validators())
    if (info.name == rule.check)
      for (const ParamInfo& param : info.params) out.push_back(param_key(info.name, param));
  return out;
}

Table<ValidatorRule> validator_table(const Names& names) {
  return {.keys = {required(key<ValidatorRule>("check", at(&ValidatorRule::check), check_name(),
                                               "which check; its parameters stand beside it")),
                   key<ValidatorRule>("where", at(&ValidatorRule::where), label_patterns(names),
                                      "labels that the request must have, as in {endpoint: [/report, /invest/*]}")},
          .more = keys_of_check,
          .refused = {}};
}

Json rule_schema(const Table<ValidatorRule>& table) {
  Json schema = table.schema();
  for (const auto& info : describe_validators())
    for (const ParamInfo& param : info.params) {
      Json& known = schema["properties"][param.name];
      if (known.is_null()) known = {{"anyOf", Json::array()}};
      known["anyOf"].push_back({{"$ref", fmt::format("#/$defs/validator_{}/properties/{}", info.name, param.name)}});
    }
  return schema;
}

using Rules = std::vector<ValidatorRule>;

Type<Rules> rules(const Names& names) {
  const auto table = validator_table(names);
  auto out = list_by_name(record(table), "a map of validators by name");
  out.schema["additionalProperties"] = rule_schema(table);
  return out;
}

}  // namespace

Type<LabelPatterns> label_patterns(const Names& names) {
  const auto values = one_or_more(text(), "a value or a list of values; a `*` at the end matches any rest");
  auto type = map_of(values, "a map from labels to values", kLabelPattern,
                     "is no such name; use small letters, digits and `_`");
  type.read = [read = type.read, names](Reader& reader, const Place& place) {
    auto rows = read(reader, place);
    if (!rows) return rows;
    for (const auto& [name, patterns] : *rows)
      if (std::find(names.labels.begin(), names.labels.end(), name) == names.labels.end())
        reader.error_at(place.path + "." + name,
                        unknown_name("label", name, {names.labels.begin(), names.labels.end()}));
    return rows;
  };
  return converted<LabelPatterns, Named<std::vector<std::string>>>(
      type, [](Named<std::vector<std::string>> rows) { return LabelPatterns(rows.begin(), rows.end()); },
      [](const LabelPatterns& rows) { return Named<std::vector<std::string>>(rows.begin(), rows.end()); });
}

Key<Config> validators_key() {
  return dependent_key<decltype(at(&Config::validators)), Rules>(
      "validators", at(&Config::validators), rules,
      "what the texts of answers that are chosen for evaluation are checked for (docs/validators.md)");
}

}  // namespace tidewatch::config
