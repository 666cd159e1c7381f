#include "app/backtest/verdict_trace.h"

#include <algorithm>
#include <cmath>

namespace tidewatch {
namespace {

/// 1 where nothing is needed.
double share_of(double reached, double needed) { return needed > 0 ? std::abs(reached) / needed : 1; }

}  // namespace

double TracedVerdict::reached() const {
  if (judgement != Judgement::scored || is_suppressed || is_expected) return 0;
  return std::min({share_of(surprise, needs.surprise), share_of(effect, needs.effect),
                   share_of(effect_absolute, needs.effect_absolute)});
}

void VerdictTrace::note(const EntityMonitor& entity, const Judged& judged) {
  TracedVerdict out;
  const Verdict& verdict = judged.verdict;
  out.start = judged.start;
  out.end = judged.end;
  out.judgement = verdict.judgement;
  out.direction = verdict.direction;
  out.value = verdict.value;
  out.expected = verdict.expected;
  out.surprise = verdict.surprise;
  out.effect = verdict.effect;
  out.effect_absolute = verdict.effect_absolute;
  out.n = HUGE_VAL;
  for (const Observation& seen : judged.observations)
    if (!seen.missing()) out.n = std::min(out.n, seen.n);
  if (!std::isfinite(out.n)) out.n = 0;
  out.needs = judged.needs;
  out.min_count = judged.rule->min_count;
  out.for_windows = judged.rule->alert.for_windows;
  out.is_suppressed = judged.is_suppressed;
  out.is_expected = judged.is_expected;
  out.is_firing = judged.is_firing;
  newest_ = std::max(newest_, out.end);
  if (out.judgement == Judgement::scored) scored_from_ = std::min(scored_from_, out.start);
  if (keeps_verdicts_) verdicts_[entity.key()][judged.rule->name].push_back(out);
}

void VerdictTrace::forget(Timestamp time) {
  for (auto& [entity, rules] : verdicts_)
    for (auto& [watch, verdicts] : rules)
      while (!verdicts.empty() && verdicts.front().end < time) verdicts.pop_front();
}

std::vector<TracedVerdict> VerdictTrace::between(std::string_view entity, std::string_view watch, Timestamp from,
                                                 Timestamp to) const {
  std::vector<TracedVerdict> out;
  const auto rules = verdicts_.find(entity);
  if (rules == verdicts_.end()) return out;
  const auto verdicts = rules->second.find(watch);
  if (verdicts == rules->second.end()) return out;
  std::copy_if(verdicts->second.begin(), verdicts->second.end(), std::back_inserter(out),
               [&](const TracedVerdict& verdict) { return verdict.start <= to && verdict.end >= from; });
  return out;
}

}  // namespace tidewatch
