#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "detectors/core/bytes.h"
#include "detectors/core/result.h"
#include "detectors/core/time.h"
#include "detectors/decide/budget/budget_clock.h"
#include "detectors/decide/budget/forecast.h"
#include "detectors/decide/budget/spend_profile.h"

namespace tidewatch {

/// What may be spent, and who is to be told when. Amounts are in the budget's currency.
struct BudgetPolicy {
  double amount = 0;
  std::vector<double> alert_at = {0.5, 0.8, 1.0};  ///< shares of the amount
  bool forecasts = true;                           ///< tell of an overrun before it happens
  std::optional<Duration> rolling;                 ///< of the last so many hours; else of the clock's periods
};

/// An alert of a budget begins or ends.
struct BudgetEvent {
  bool is_resolved = false;
  bool is_gone = false;   ///< resolved because the budget is no longer in the config
  uint32_t permille = 0;  ///< the share that was reached; 0: the forecast is more than the amount
  BudgetPeriod period;    ///< that it is about; of a rolling budget the time that was summed up when it fired
  Timestamp starts_at{};  ///< when it fired
  Timestamp observed_at{};
  double spent = 0;  ///< in the period; a rolling one: now
  double amount = 0;
  double per_hour = 0;                    ///< lately: the burn rate
  std::optional<SpendForecast> forecast;  ///< of the period that is going on
};

/// The account of one budget of one entity. A pure state machine: what it returns depends on the calls made to it, so
/// that a restored one neither repeats nor forgets an alert.
///
/// Of each period every share alerts once, when it is passed, and until the period ends; of several that are passed at
/// once only the highest. The forecast alerts once a period, while the lower end of its interval is more than the
/// amount (before the profile knows the hours of the day, not in the first quarter of the period), until the upper end
/// is not, or the amount is spent. A rolling budget's share may alert again after what was spent fell below nine tenths
/// of it; it has no forecast. Sums are kept in billionths: they do not depend on the order of charges.
class Budget {
 public:
  static constexpr Duration kLongestRolling = std::chrono::hours(24 * 31);

  /// Spent at `time`, which is not before that of an earlier charge or decision.
  void charge(Timestamp time, double amount, const BudgetPolicy& policy, const BudgetClock& clock);
  /// Spent earlier: counts in the period it belongs to. False: that is no longer kept (this one and the last are).
  bool charge_late(Timestamp time, double amount, const BudgetPolicy& policy, const BudgetClock& clock);
  /// What is to be told at `now`, when everything before it was charged.
  std::vector<BudgetEvent> decide(Timestamp now, const BudgetPolicy& policy, const BudgetClock& clock);
  /// The budget is gone: ends all its alerts, once.
  std::vector<BudgetEvent> retire(Timestamp now);

  double spent(const BudgetPolicy& policy) const;  ///< in the period that is going on
  const BudgetPeriod& period() const { return current_.period; }
  double spent_before() const;  ///< in the period before that
  double per_hour() const;      ///< lately
  std::optional<SpendForecast> forecast(Timestamp now, const BudgetPolicy& policy, const BudgetClock& clock) const;
  bool is_firing() const { return !firing_.empty(); }

  void save(ByteWriter& out) const;
  Status load(ByteReader& in);  ///< errors: `unknown_version`, `corrupt`

 private:
  struct Account {
    BudgetPeriod period;
    int64_t spent = 0;           ///< billionths
    std::vector<uint32_t> told;  ///< permille of shares that need not be told any more
    bool has_told(uint32_t permille) const;
  };
  struct Firing {
    uint32_t permille = 0;
    BudgetPeriod period;
    Timestamp fired_at{};
  };
  bool is_sound() const;
  void advance(Timestamp now, const BudgetPolicy& policy, const BudgetClock& clock);
  void close_hour(const BudgetPolicy& policy, const BudgetClock& clock);
  BudgetEvent describe(const Firing& firing, Timestamp now) const;
  int64_t spent_in(const Firing& firing) const;
  void tell_shares(Account& account, double spent, Timestamp now, const BudgetPolicy& policy,
                   std::vector<BudgetEvent>& out);
  void tell_forecast(Timestamp now, const BudgetPolicy& policy, const std::optional<SpendForecast>& forecast,
                     std::vector<BudgetEvent>& out);
  void resolve(Timestamp now, const BudgetPolicy& policy, const std::optional<SpendForecast>& forecast,
               std::vector<BudgetEvent>& out);

  Account current_;
  Account previous_;
  Timestamp hour_ = kMinTimestamp;  ///< start of the one that is going on; kMinTimestamp: nothing was charged yet
  int64_t hour_spent_ = 0;
  bool is_first_hour_ = true;        ///< begun in its midst, so that it is not learnt
  std::vector<int64_t> past_hours_;  ///< of a rolling budget, the oldest first
  double recent_ = 0;
  double recent_expected_ = 0;
  double recent_hours_ = 0;
  SpendProfile profile_;
  std::vector<Firing> firing_;
};

}  // namespace tidewatch
