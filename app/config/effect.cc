#include "app/config/effect.h"

#include <fmt/format.h>

#include <cmath>

#include "app/config/format/units.h"

namespace tidewatch::config {
namespace {

constexpr const char* kExample = "is no effect; write 15% (relative), or 0.5pp, 200ms, 0.01 USD, 50 tokens (absolute)";

Result<Effect> parse_effect(std::string_view text) {
  const auto number_before = [&](std::string_view suffix) {
    auto number = text.substr(0, text.size() - suffix.size());
    while (number.ends_with(' ')) number.remove_suffix(1);
    return parse_plain_number(number);
  };
  const auto made = [](const Result<double>& value, double scale, std::optional<Unit> unit) -> Result<Effect> {
    if (!value || *value < 0) return Error{"bad_value", kExample};
    return Effect{*value * scale, unit};
  };
  if (text.ends_with('%')) return made(number_before("%"), 0.01, std::nullopt);
  if (text.ends_with("pp")) return made(number_before("pp"), 0.01, Unit::share);
  if (text.ends_with("USD")) return made(number_before("USD"), 1, Unit::usd);
  for (const Unit unit : {Unit::tokens, Unit::count, Unit::score, Unit::characters})
    if (text.ends_with(name_of(unit))) return made(number_before(name_of(unit)), 1, unit);
  if (const auto duration = parse_duration(text); duration) return Effect{to_seconds(*duration), Unit::seconds};
  return Error{"bad_value", kExample};
}

std::string format_effect(const Effect& effect) {
  if (!effect.unit) return format_share(effect.value);
  switch (*effect.unit) {
    case Unit::share:
      return fmt::format("{:.12g}pp", effect.value * 100);
    case Unit::seconds:
      return format_duration(Duration(std::llround(effect.value * 1e9)));
    case Unit::usd:
      return format_usd(effect.value);
    default:
      return fmt::format("{} {}", format_number(effect.value), name_of(*effect.unit));
  }
}

/// The unit that all measures of a rule have; empty when they differ or are unknown.
std::optional<Unit> unit_of(const DetectorRule& rule, const Names& names) {
  MeasureCatalog catalog = names.measures;
  std::optional<Unit> out;
  for (const auto& name : rule.measures) {
    const auto watched = resolve_watched(catalog, name);
    if (!watched) return std::nullopt;
    const Unit unit = catalog.info(watched->measure).unit;
    if (out && *out != unit) return std::nullopt;
    out = unit;
  }
  return out;
}

}  // namespace

Type<Effect> effect() {
  return scalar<Effect>({{"$ref", "#/$defs/effect"}}, "an effect, as in 15% or 0.5pp", parse_effect,
                        [](const Effect& effect) -> Json { return format_effect(effect); });
}

void take_effects(Reader& reader, const Place& place, const std::vector<Effect>& effects, const Names& names,
                  DetectorRule& rule) {
  rule.min_effect = 0;
  rule.min_effect_absolute = 0;
  const auto unit = unit_of(rule, names);
  bool seen[2] = {false, false};
  for (const Effect& effect : effects) {
    if (std::exchange(seen[effect.unit ? 1 : 0], true))
      reader.error(place, "takes one relative and one absolute effect at most");
    if (!effect.unit) {
      rule.min_effect = effect.value;
      continue;
    }
    rule.min_effect_absolute = effect.value;
    if (rule.measures.empty()) continue;  // reported already
    if (!unit)
      reader.error(place, "an absolute effect needs measures of one unit");
    else if (*unit != *effect.unit)
      reader.error(place, fmt::format("is in {}, but {} is in {}", name_of(*effect.unit), rule.measures.front(),
                                      name_of(*unit)));
  }
}

std::vector<Effect> effects_of(const DetectorRule& rule, const Names& names) {
  std::vector<Effect> out;
  if (rule.min_effect > 0 || rule.min_effect_absolute <= 0) out.push_back({rule.min_effect, std::nullopt});
  if (rule.min_effect_absolute > 0)
    out.push_back({rule.min_effect_absolute, unit_of(rule, names).value_or(Unit::score)});
  return out;
}

}  // namespace tidewatch::config
