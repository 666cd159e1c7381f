#include "stream/detect/slo/slo_book.h"

#include <fmt/format.h>

#include <algorithm>

#include "stream/evaluate/validators/rule.h"

namespace tidewatch {

SloPolicy SloRule::policy() const {
  SloPolicy out;
  out.objective = objective;
  out.period = period;
  out.burns = burns.empty() ? default_burn_rules(period, objective) : burns;
  out.alert_at = alert_at;
  out.min_events = min_events;
  out.min_bad = min_bad;
  return out;
}

CompiledSlo::CompiledSlo(const SloRule& rule, MeasureId measure, const MeasureInfo& info)
    : rule_(&rule),
      measure_(measure),
      is_safety_(info.measure_class == MeasureClass::safety),
      // Of votes that were corrected the first may stay among the exemplars.
      shows_bad_((info.worse == Worse::down) == rule.is_good && info.measure_class != MeasureClass::feedback),
      policy_(rule.policy()) {}

bool CompiledSlo::applies(const EntityGroup& group, const Labels& labels) const {
  const bool is_group = std::is_permutation(group.begin(), group.end(), rule_->entity.begin(), rule_->entity.end());
  return is_group && applies_to(rule_->where, {labels.begin(), labels.end()});
}

std::optional<SloCounts> CompiledSlo::counts(const Aggregate& aggregate) const {
  if (aggregate.kind() != MeasureKind::rate) return std::nullopt;
  const auto [successes, failures] = aggregate.counts();
  if (successes == 0 && failures == 0) return std::nullopt;
  const double events = successes + failures;
  const double bad = rule_->is_good ? failures : successes;
  const Observation seen = aggregate.observe();
  // What takes back has no effective size of its own.
  if (successes < 0 || failures < 0 || seen.missing()) return SloCounts::of(events, bad);
  return SloCounts::sampled(events, bad, std::min(events, seen.trials));
}

Result<SloBook> SloBook::compile(const std::vector<SloRule>& rules, MeasureCatalog& catalog) {
  SloBook out;
  for (const SloRule& rule : rules) {
    const auto measure = catalog.find_or_derive(rule.measure);
    if (!measure) return Error{"bad_slo", fmt::format("slos.{}: unknown measure \"{}\"", rule.name, rule.measure)};
    if (catalog.info(*measure).kind != MeasureKind::rate)
      return Error{"bad_slo", fmt::format("slos.{}: \"{}\" is no rate", rule.name, rule.measure)};
    out.slos_.push_back(std::make_unique<CompiledSlo>(rule, *measure, catalog.info(*measure)));
  }
  return Result<SloBook>(std::move(out));
}

bool SloBook::watches(MeasureId measure) const {
  return std::any_of(slos_.begin(), slos_.end(), [&](const auto& slo) { return slo->measure() == measure; });
}

std::vector<const CompiledSlo*> SloBook::of(const EntityGroup& group, const Labels& labels) const {
  std::vector<const CompiledSlo*> out;
  for (const auto& slo : slos_)
    if (slo->applies(group, labels)) out.push_back(slo.get());
  return out;
}

}  // namespace tidewatch
