#include "stream/detect/budget/budget_book.h"

#include <fmt/format.h>

#include <algorithm>

#include "stream/evaluate/validators/rule.h"

namespace tidewatch {

CompiledBudget::CompiledBudget(const BudgetRule& rule, Calendar calendar, const std::vector<CurrencyRate>& rates)
    : rule_(&rule), calendar_(std::move(calendar)), rates_(&rates) {
  policy_.amount = rule.amount;
  policy_.alert_at = rule.alert_at;
  policy_.forecasts = rule.forecasts;
  if (rule.per == BudgetRule::Per::rolling) policy_.rolling = rule.rolling;
}

BudgetPeriod CompiledBudget::period(Timestamp time) const {
  const auto [start, end] = rule_->per == BudgetRule::Per::month ? calendar_.month_of(time) : calendar_.day_of(time);
  return {start, end};
}

std::string CompiledBudget::identity() const {
  return fmt::format("{} {} {} {}", static_cast<int>(rule_->per), policy_.rolling.value_or(Duration()).count(),
                     rule_->time_zone, rule_->currency);
}

bool CompiledBudget::applies(const EntityGroup& group, const Labels& labels) const {
  const bool is_group = std::is_permutation(group.begin(), group.end(), rule_->entity.begin(), rule_->entity.end());
  return is_group && applies_to(rule_->where, {labels.begin(), labels.end()});
}

std::optional<double> CompiledBudget::from_usd(double usd, Timestamp time) const {
  const auto rate = usd_rate(*rates_, rule_->currency, time);
  return rate && *rate > 0 ? std::optional<double>(usd / *rate) : std::nullopt;
}

std::optional<double> CompiledBudget::to_usd(double amount, Timestamp time) const {
  const auto rate = usd_rate(*rates_, rule_->currency, time);
  return rate ? std::optional<double>(amount * *rate) : std::nullopt;
}

Result<BudgetBook> BudgetBook::compile(const std::vector<BudgetRule>& rules, const std::vector<CurrencyRate>& rates,
                                       const std::string& time_zone, const std::vector<Holiday>& holidays) {
  BudgetBook out;
  for (const BudgetRule& rule : rules) {
    auto calendar = Calendar::open(rule.time_zone.empty() ? time_zone : rule.time_zone, holidays);
    if (!calendar) return calendar.error();
    out.budgets_.push_back(std::make_unique<CompiledBudget>(rule, std::move(calendar).value(), rates));
  }
  return Result<BudgetBook>(std::move(out));
}

std::vector<const CompiledBudget*> BudgetBook::of(const EntityGroup& group, const Labels& labels) const {
  std::vector<const CompiledBudget*> out;
  for (const auto& budget : budgets_)
    if (budget->applies(group, labels)) out.push_back(budget.get());
  return out;
}

}  // namespace tidewatch
