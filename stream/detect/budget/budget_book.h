#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "detectors/core/result.h"
#include "detectors/decide/budget/budget.h"
#include "stream/assemble/model_price.h"
#include "stream/detect/budget/budget_rule.h"
#include "stream/window/calendar.h"
#include "stream/window/entity.h"
#include "stream/window/holiday.h"

namespace tidewatch {

/// A budget with what its state machine needs. Points into the rule.
class CompiledBudget final : public BudgetClock {
 public:
  CompiledBudget(const BudgetRule& rule, Calendar calendar, const std::vector<CurrencyRate>& rates);

  SeasonSlot slot(Timestamp time) const override { return calendar_.slot(time); }
  BudgetPeriod period(Timestamp time) const override;

  const BudgetRule& rule() const { return *rule_; }
  const BudgetPolicy& policy() const { return policy_; }
  const Calendar& calendar() const { return calendar_; }
  /// What an account was kept under: one of another is begun anew. Amounts and shares may change.
  std::string identity() const;
  bool applies(const EntityGroup& group, const Labels& labels) const;
  /// Of the budget's currency, by the rate of that time; absent without one.
  std::optional<double> from_usd(double usd, Timestamp time) const;
  std::optional<double> to_usd(double amount, Timestamp time) const;

 private:
  const BudgetRule* rule_;
  Calendar calendar_;
  const std::vector<CurrencyRate>* rates_;
  BudgetPolicy policy_;
};

/// Every budget of the config.
class BudgetBook {
 public:
  /// `rules` and `rates` outlive it. Errors: `bad_time_zone`.
  static Result<BudgetBook> compile(const std::vector<BudgetRule>& rules, const std::vector<CurrencyRate>& rates,
                                    const std::string& time_zone, const std::vector<Holiday>& holidays);

  bool empty() const { return budgets_.empty(); }
  std::vector<const CompiledBudget*> of(const EntityGroup& group, const Labels& labels) const;

 private:
  std::vector<std::unique_ptr<CompiledBudget>> budgets_;
};

}  // namespace tidewatch
