#include <fmt/format.h>

#include "app/config/config.h"
#include "app/config/tables.h"

namespace tidewatch {
namespace config {
namespace {

constexpr const char* kReference = R"(.*\$\{(env|file):.+\}.*)";

/// A value with a unit, in one of a few forms.
Json with_unit(const char* name, const std::string& pattern, bool or_number, Json examples) {
  Json type = or_number ? Json::array({"number", "string"}) : Json("string");
  return {{"description", name},
          {"type", std::move(type)},
          {"pattern", fmt::format("^({}|{})$", pattern, kReference)},
          {"examples", std::move(examples)}};
}

Json definitions() {
  const std::string number = R"(-?[0-9]*\.?[0-9]+([eE][+-]?[0-9]+)?)";
  const std::string positive = R"([0-9]*\.?[0-9]+)";
  const std::string duration = fmt::format("({}(w|d|h|m|s|ms|us|ns))+", positive);
  const std::string usd = number + " *USD";
  Json out;
  out["reference"] = {{"description", "the value of an environment variable or of a file"},
                      {"type", "string"},
                      {"pattern", fmt::format("^{}$", kReference)},
                      {"examples", Json::array({"${env:NAME}", "${file:PATH}"})}};
  out["duration"] = with_unit("a number and a unit: w, d, h, m, s, ms, us, ns", duration, false,
                              Json::array({"5m", "200ms", "1h30m"}));
  out["share"] =
      with_unit("a percentage, or a plain number where 1 is all", number + " *%?", true, Json::array({"15%", 0.15}));
  out["size"] = with_unit("bytes: a number and a unit: B, kB, KiB, MB, MiB, GB, GiB",
                          "[0-9]+ *(B|kB|KiB|MB|MiB|GB|GiB)?", true, Json::array({"8 MiB", "64 kB"}));
  out["money"] = with_unit("an amount in US dollars", usd, false, Json::array({"2.5 USD"}));
  out["amount"] = with_unit("an amount of money with the code of its currency", number + " *[A-Z]{3}", false,
                            Json::array({"2.5 USD", "2.5 EUR"}));
  out["quantity"] =
      with_unit("a number; a percentage, a duration (in seconds) or an amount in USD",
                fmt::format("{} *%?|{}|{}", number, duration, usd), true, Json::array({2000, "15%", "5s", "0.1 USD"}));
  out["effect"] = with_unit("how large a deviation is: relative (15%), or absolute in the measure's unit",
                            fmt::format("{0} *(%|pp|USD|tokens|count|score|characters)|{1}", positive, duration), false,
                            Json::array({"15%", "0.5pp", "200ms", "0.01 USD", "50 tokens"}));
  for (const auto& detector : describe_detectors()) {
    Json properties = Json::object();
    for (const auto& param : detector.params) properties[param.name] = param_schema(param);
    out["detector_" + detector.name] = {
        {"description", detector.help}, {"type", "object"}, {"properties", std::move(properties)}};
  }
  for (const auto& validator : describe_validators()) {
    Json properties = Json::object();
    for (const auto& param : validator.params) properties[param.name] = param_schema(param);
    out["validator_" + validator.name] = {
        {"description", validator.help}, {"type", "object"}, {"properties", std::move(properties)}};
  }
  return out;
}

}  // namespace

Json param_schema(const ParamInfo& info) {
  Json out;
  if (info.type == "list") {
    const Json text = {{"type", "string"}};
    return {{"anyOf", Json::array({text, {{"type", "array"}, {"items", text}}})}, {"description", info.help}};
  }
  const bool is_number = info.type == "number" || info.type == "integer";
  if (info.type == "duration") {
    out["$ref"] = "#/$defs/duration";
  } else if (info.type == "boolean") {
    out["type"] = Json::array({"boolean", "string"});
  } else {
    out["type"] = is_number ? Json::array({info.type, "string"}) : Json("string");
  }
  const std::string unit = info.unit.empty() ? "" : fmt::format(", in {}", info.unit);
  std::string limits;
  if (info.type == "duration" && info.allowed.high < 1e15)
    limits = fmt::format(" ({}s to {}s)", info.allowed.low, info.allowed.high);
  out["description"] = info.help + unit + limits;
  if (is_number && info.allowed.low > -1e300) out["minimum"] = plain_number(info.allowed.low);
  if (is_number && info.allowed.high < 1e300) out["maximum"] = plain_number(info.allowed.high);
  if (info.default_value.empty() && info.type != "string") return out;  // unset unless written
  if (is_number)
    out["default"] = plain_number(*parse_number(info.default_value));
  else if (info.type == "boolean")
    out["default"] = *parse_boolean(info.default_value);
  else
    out["default"] = info.default_value;
  return out;
}

Json shown_param(const ParamInfo& info, const std::string& value) {
  if (value.empty() && info.type != "string") return nullptr;
  if (info.type == "boolean") return *parse_boolean(value);
  if (info.type != "number" && info.type != "integer") return value;
  return plain_number(*parse_number(value));
}

}  // namespace config

std::string config_schema() {
  config::Json out = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                      {"title", "Tidewatch config"},
                      {"description", "Config of the streaming anomaly detection of LLM services"}};
  out.update(config::root_table().schema());
  out["$defs"] = config::definitions();
  return out.dump(2) + "\n";
}

}  // namespace tidewatch
