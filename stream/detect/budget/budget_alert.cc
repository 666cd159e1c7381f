#include "stream/detect/budget/budget_alert.h"

#include <fmt/format.h>

#include <algorithm>

#include "detectors/decide/ids.h"
#include "detectors/decide/severity.h"
#include "detectors/decide/wording.h"
#include "stream/detect/messages.h"
#include "stream/publish/timestamps.h"

namespace tidewatch {
namespace {

/// Amounts in sentences are exact to the cent.
std::string amount(double value) { return fmt::format("{:.2f}", value); }

std::string percent(uint32_t permille) { return fmt::format("{:g} %", permille / 10.0); }

/// "Monday 2026-11-30", "November 2026", "the last 7 d".
std::string period_in_words(const CompiledBudget& budget, const BudgetEvent& event) {
  switch (budget.rule().per) {
    case BudgetRule::Per::rolling:
      return "the last " + format_length(budget.rule().rolling);
    case BudgetRule::Per::month:
      return budget.calendar().text(event.period.start, "%B %Y");
    case BudgetRule::Per::day:
      break;
  }
  return budget.calendar().text(event.period.start, "%A %F");
}

std::string where_in_words(const EntityMonitor& entity) {
  std::string out;
  for (const auto& [name, value] : entity.labels()) out += fmt::format("{}{}={}", out.empty() ? "" : ", ", name, value);
  return out;
}

std::string forecast_in_words(const CompiledBudget& budget, const BudgetEvent& event) {
  if (!event.forecast) return "";
  const SpendForecast& forecast = *event.forecast;
  return fmt::format("; it will be {} ({} to {}) by the end of the {}{}", amount(forecast.total), amount(forecast.low),
                     amount(forecast.high), budget.rule().per == BudgetRule::Per::month ? "month" : "day",
                     forecast.is_seasonal ? "" : ", if all hours are alike");
}

std::string resolved_in_words(const CompiledBudget& budget, const BudgetEvent& event) {
  const auto& rule = budget.rule();
  const std::string spent = fmt::format("{} of {} {}", amount(event.spent), amount(event.amount), rule.currency);
  if (rule.per == BudgetRule::Per::rolling)
    return fmt::format("has spent {} in {}: clearly less than {} again", spent, period_in_words(budget, event),
                       percent(event.permille));
  if (event.observed_at >= event.period.end)
    return fmt::format("spent {} of {}, which is over", spent, period_in_words(budget, event));
  const std::string_view ending = event.spent >= event.amount ? "the amount is spent" : "it is not foreseen any more";
  return fmt::format("has spent {} of {}: {}{}", spent, period_in_words(budget, event), ending,
                     forecast_in_words(budget, event));
}

std::string fired_in_words(const CompiledBudget& budget, const BudgetEvent& event) {
  const auto& rule = budget.rule();
  const bool is_rolling = rule.per == BudgetRule::Per::rolling;
  std::string out = fmt::format("has spent {} of {} {} {} {}", amount(event.spent), amount(event.amount), rule.currency,
                                is_rolling ? "in" : "of", period_in_words(budget, event));
  if (event.observed_at < event.period.end || is_rolling)
    out += " by " + budget.calendar().text(event.observed_at, rule.per == BudgetRule::Per::day ? "%H:%M" : "%F %H:%M");
  out += fmt::format(" ({} %), at {} an hour lately", fmt::format("{:.0f}", 100 * event.spent / event.amount),
                     amount(event.per_hour));
  return out + forecast_in_words(budget, event);
}

Severity severity_of(const BudgetNews& news) {
  const bool pages = news.budget != nullptr && news.event.permille > 0 &&
                     news.event.permille >= 1000 * news.budget->rule().page_at - 0.5;
  return pages ? Severity::page : Severity::ticket;
}

std::string why(const EntityMonitor& entity, const BudgetNews& news, const std::string& drivers) {
  const std::string head = fmt::format("Budget {}: {} ", news.name, where_in_words(entity));
  if (news.budget == nullptr) return head + "is not watched any more: the budget is no longer in the config.";
  if (news.event.is_resolved) return head + resolved_in_words(*news.budget, news.event) + ".";
  return fmt::format("{}{}.{}{}", head, fired_in_words(*news.budget, news.event), drivers.empty() ? "" : " ", drivers);
}

}  // namespace

v1::Alert budget_alert(const EntityMonitor& entity, const BudgetNews& news, const std::string& drivers,
                       const std::vector<Exemplar>& exemplars, const DetectOptions& options) {
  const BudgetEvent& event = news.event;
  const std::string what = event.permille == 0 ? "forecast" : fmt::format("{}", event.permille);
  v1::Alert out;
  out.set_id(alert_id(fmt::format("budget/{}/{}", news.name, what), entity.key(), event.period.start));
  out.set_state(event.is_resolved ? "resolved" : "firing");
  out.set_transition(event.is_resolved ? "resolved" : "fired");
  out.set_severity(std::string(name_of(severity_of(news))));
  out.set_kind(std::string(kBudgetKind));
  out.set_rule(news.name);
  out.set_measure("cost");
  for (const auto& [name, value] : entity.labels()) (*out.mutable_labels())[name] = value;
  *out.mutable_starts_at() = to_proto(event.starts_at);
  *out.mutable_observed_at() = to_proto(event.observed_at);
  if (event.is_resolved)
    *out.mutable_ends_at() = to_proto(std::max(event.starts_at, std::min(event.period.end, event.observed_at)));
  out.set_window_seconds(to_seconds(event.period.end - event.period.start));
  const auto in_usd = [&](double value) {
    return news.budget == nullptr ? value : news.budget->to_usd(value, event.observed_at).value_or(value);
  };
  const double told = event.permille == 0 && event.forecast && !event.is_resolved ? event.forecast->total : event.spent;
  out.set_value(in_usd(told));
  out.set_expected(in_usd(event.amount));
  out.set_effect(event.amount > 0 ? told / event.amount - 1 : 0);
  out.set_effect_absolute(in_usd(told - event.amount));
  out.set_unit("usd");
  out.set_direction("up");
  out.set_config_version(options.config_version);
  if (!event.is_resolved)
    for (const Exemplar& exemplar : exemplars) {
      out.add_exemplars(hex_trace_id(exemplar.trace_id));
      auto* position = out.add_offsets();
      position->set_topic(exemplar.topic);
      position->set_partition(exemplar.partition);
      position->set_offset(exemplar.offset);
    }
  out.set_why(why(entity, news, drivers));
  return out;
}

}  // namespace tidewatch
