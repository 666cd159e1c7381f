#include "app/backtest/reasons.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "detectors/decide/wording.h"
#include "stream/window/entity.h"

namespace tidewatch {
namespace {

constexpr std::string_view kRules = "detectors.";

const DetectorRule* find_rule(const Config& config, const std::string& name) {
  const auto& rules = config.detect.rules;
  const auto at = std::find_if(rules.begin(), rules.end(), [&](const auto& rule) { return rule.name == name; });
  return at == rules.end() ? nullptr : &*at;
}

bool is_pattern(const DetectorRule& rule) { return rule.measures.size() == 1 && rule.measures[0].ends_with('*'); }

Quantity quantity_of(std::string_view unit) {
  if (unit == "share") return Quantity::share;
  if (unit == "seconds") return Quantity::seconds;
  if (unit == "usd") return Quantity::usd;
  return unit == "score" ? Quantity::number : Quantity::count;
}

std::string percent(double share) { return fmt::format("{:.3g} %", 100 * share); }

std::string amount(double value, std::string_view unit) {
  if (unit == "share") return fmt::format("{:.3g} pp", 100 * value);
  return format_quantity(value, quantity_of(unit));
}

/// The group of an alert's entity is one that the rule watches.
bool is_watched(const DetectorRule& rule, const Config& config, const v1::Alert& alert) {
  const auto& groups = rule.entities.empty() ? config.detect.entities : rule.entities;
  if (groups.empty() || alert.labels().contains("shard")) return true;  // `other` is of no group
  return std::any_of(groups.begin(), groups.end(), [&](const EntityGroup& group) {
    return group.size() == static_cast<size_t>(alert.labels().size()) &&
           std::all_of(group.begin(), group.end(), [&](const auto& name) { return alert.labels().contains(name); });
  });
}

/// Of verdicts among which none was scored: what stood in the way last.
std::vector<Reason> not_scored(const TracedVerdict& last) {
  if (last.is_expected) return {{"expected", "an expected event went on: safety alone is judged meanwhile"}};
  if (last.is_suppressed) return {{"suppressed", "telemetry was missing, which a gap rule found: not judged"}};
  if (last.judgement == Judgement::warming_up) return {{"warming_up", "the detector was still warming up"}};
  if (last.judgement == Judgement::gathering)
    return {{"min_count", fmt::format("{:.0f} observations < min_count {}", last.n, last.min_count)}};
  return {{"missing", "no data, or nothing to compare with"}};
}

}  // namespace

WatchName watch_of(const Config& config, const std::string& rule, const std::string& measure) {
  const DetectorRule* known = find_rule(config, rule);
  return known != nullptr && is_pattern(*known) ? fmt::format("{}/{}", rule, measure) : rule;
}

const TracedVerdict* nearest_verdict(std::span<const TracedVerdict> verdicts) {
  const auto key = [](const TracedVerdict& verdict) { return std::pair(verdict.reached(), verdict.surprise); };
  const TracedVerdict* out = nullptr;
  for (const TracedVerdict& verdict : verdicts)
    if (verdict.judgement == Judgement::scored && !verdict.is_suppressed && !verdict.is_expected &&
        (out == nullptr || key(*out) < key(verdict)))
      out = &verdict;
  if (out != nullptr || verdicts.empty()) return out;
  return &verdicts.back();
}

std::string in_words(const TracedVerdict& verdict, std::string_view unit) {
  std::string out = format_span(verdict.start, verdict.end);
  if (verdict.judgement == Judgement::missing) return out + ": nothing";
  const Quantity quantity = quantity_of(unit);
  out += fmt::format(": {}", format_quantity(verdict.value, quantity));
  if (verdict.expected != 0) out += fmt::format(" (expected {})", format_quantity(verdict.expected, quantity));
  return out;
}

std::vector<Reason> lacking(std::span<const TracedVerdict> verdicts, std::string_view unit) {
  const TracedVerdict* nearest = nearest_verdict(verdicts);
  if (nearest == nullptr) return {{"not_judged", "nothing was judged then: the entity had no data for the rule"}};
  if (nearest->judgement != Judgement::scored || nearest->is_suppressed || nearest->is_expected)
    return not_scored(*nearest);
  std::vector<Reason> out;
  const AlertNeeds& needs = nearest->needs;
  if (nearest->surprise < needs.surprise)
    out.push_back({"surprise", fmt::format("surprise {:.1f} bits < {:.1f} needed", nearest->surprise, needs.surprise)});
  if (std::abs(nearest->effect) < needs.effect)
    out.push_back(
        {"effect", fmt::format("effect {} < min_effect {}", percent(nearest->effect), percent(needs.effect))});
  if (std::abs(nearest->effect_absolute) < needs.effect_absolute)
    out.push_back({"effect_absolute", fmt::format("effect {} < min_effect {}", amount(nearest->effect_absolute, unit),
                                                  amount(needs.effect_absolute, unit))});
  if (!out.empty()) {
    out.back().text += fmt::format(" ({})", in_words(*nearest, unit));
    return out;
  }
  if (nearest->is_firing)
    out.push_back({"firing_already", "the alert was firing already, since an earlier window"});
  else if (nearest->for_windows > 1)
    out.push_back({"for_windows", fmt::format("enough for an alert, but not for {} windows in a row ({})",
                                              nearest->for_windows, in_words(*nearest, unit))});
  return out;
}

std::vector<Reason> config_reasons(const std::string& rule, std::span<const ConfigDifference> differences) {
  std::vector<Reason> out;
  const std::string own = std::string(kRules) + rule + ".";
  for (const ConfigDifference& difference : differences) {
    const bool is_of_a_rule = difference.path.starts_with(kRules);
    if (is_of_a_rule && !difference.path.starts_with(own)) continue;
    out.push_back({"config", to_string(difference, own)});
  }
  return out;
}

std::vector<Reason> why_absent(const v1::Alert& alert, const Config& config, std::span<const TracedVerdict> verdicts,
                               std::span<const ConfigDifference> differences) {
  const DetectorRule* rule = find_rule(config, alert.rule());
  if (rule == nullptr) return {{"rule_absent", fmt::format("there is no rule \"{}\"", alert.rule())}};
  if (!rule->is_enabled) return {{"rule_disabled", fmt::format("the rule \"{}\" is switched off", alert.rule())}};
  if (config.detect.is_shadow) return {{"shadow", "mode: shadow publishes no alerts"}};
  if (!is_watched(*rule, config, alert)) {
    EntityGroup group;
    for (const auto& [name, value] : alert.labels()) group.push_back(name);
    std::sort(group.begin(), group.end());
    return {{"entity_not_watched", fmt::format("the rule does not watch [{}]", group_name(group))}};
  }
  std::vector<Reason> out = lacking(verdicts, alert.unit());
  const auto differing = config_reasons(alert.rule(), differences);
  if (out.empty() && differing.empty())
    out.push_back({"other_time", "an alert of it fired there at another time, or its learnt past differs"});
  out.insert(out.end(), differing.begin(), differing.end());
  return out;
}

}  // namespace tidewatch
