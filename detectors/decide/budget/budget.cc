#include "detectors/decide/budget/budget.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace tidewatch {
namespace {

using std::chrono::hours;

constexpr uint8_t kVersion = 1;
constexpr double kUnit = 1e9;
/// Of a share below which a rolling budget may alert again.
constexpr double kRearm = 0.9;
/// Of the period, before which hours that are all alike foretell nothing worth an alert.
constexpr double kFlatAfter = 0.25;
constexpr uint32_t kForecast = 0;
/// Hours are not rolled one by one through a longer silence.
constexpr Duration kLongestSilence = Budget::kLongestRolling + hours(24);

/// A broken counter may claim any cost.
constexpr double kMostOfOneCharge = 1e9;
int64_t to_units(double amount) {
  return std::llround(std::clamp(amount, -kMostOfOneCharge, kMostOfOneCharge) * kUnit);
}
void add(int64_t& sum, int64_t units) {
  if (__builtin_add_overflow(sum, units, &sum)) sum = units > 0 ? INT64_MAX : INT64_MIN;
}
double from_units(int64_t units) { return static_cast<double>(units) / kUnit; }
uint32_t permille(double share) { return static_cast<uint32_t>(std::llround(share * 1000)); }

/// What happened lately is forgotten by half in a twelfth of the period: two hours to three days.
double kept_an_hour(const BudgetPolicy& policy, const BudgetPeriod& period) {
  const double length = to_seconds(policy.rolling.value_or(period.end - period.start)) / 3600;
  return std::exp2(-1 / std::clamp(length / 12, 2.0, 72.0));
}

void put_period(ByteWriter& out, const BudgetPeriod& period) {
  for (const Timestamp time : {period.start, period.end}) out.put(time.time_since_epoch().count());
}
Timestamp get_time(ByteReader& in) { return Timestamp(Duration(in.get<int64_t>())); }
BudgetPeriod get_period(ByteReader& in) {
  BudgetPeriod out;
  out.start = get_time(in);
  out.end = get_time(in);
  return out;
}

}  // namespace

bool Budget::Account::has_told(uint32_t permille) const {
  return std::find(told.begin(), told.end(), permille) != told.end();
}

void Budget::close_hour(const BudgetPolicy& policy, const BudgetClock& clock) {
  const SeasonSlot slot = clock.slot(hour_);
  const double spend = from_units(std::max<int64_t>(0, hour_spent_));
  if (!is_first_hour_) {
    const double kept = kept_an_hour(policy, current_.period);
    profile_.learn(slot, spend, recent_expected_ > 0 && profile_.is_seasonal() ? recent_ / recent_expected_ : 1);
    recent_ = recent_ * kept + spend;
    recent_expected_ = recent_expected_ * kept + profile_.expected(slot);
    recent_hours_ = recent_hours_ * kept + 1;
  }
  is_first_hour_ = false;
  if (policy.rolling) {
    past_hours_.push_back(hour_spent_);
    const auto most = static_cast<size_t>(*policy.rolling / hours(1));
    if (past_hours_.size() > most) past_hours_.erase(past_hours_.begin());
  }
  hour_spent_ = 0;
  hour_ += hours(1);
}

void Budget::advance(Timestamp now, const BudgetPolicy& policy, const BudgetClock& clock) {
  if (hour_ == kMinTimestamp) {
    hour_ = align_down(now, hours(1));
    current_.period = clock.period(now);
  }
  if (now - hour_ > kLongestSilence) {
    past_hours_.clear();
    recent_ = recent_expected_ = recent_hours_ = 0;
    hour_spent_ = 0;
    hour_ = align_down(now, hours(1));
  }
  while (hour_ + hours(1) <= now) close_hour(policy, clock);
  if (!policy.rolling && now >= current_.period.end) {
    previous_ = std::move(current_);
    current_ = Account{};
    current_.period = clock.period(now);
  }
}

void Budget::charge(Timestamp time, double amount, const BudgetPolicy& policy, const BudgetClock& clock) {
  advance(time, policy, clock);
  add(hour_spent_, to_units(amount));
  add(current_.spent, to_units(amount));
}

bool Budget::charge_late(Timestamp time, double amount, const BudgetPolicy& policy, const BudgetClock& clock) {
  if (hour_ == kMinTimestamp || time >= hour_ + hours(1)) {
    charge(time, amount, policy, clock);
    return true;
  }
  if (time >= hour_) {
    add(hour_spent_, to_units(amount));
  } else if (policy.rolling) {
    const auto back = static_cast<size_t>((hour_ - align_down(time, hours(1))) / hours(1));
    if (back > past_hours_.size()) return false;
    add(past_hours_[past_hours_.size() - back], to_units(amount));
  }
  if (policy.rolling) return true;
  for (Account* account : {&current_, &previous_})
    if (time >= account->period.start && time < account->period.end) {
      add(account->spent, to_units(amount));
      return true;
    }
  return false;
}

double Budget::spent(const BudgetPolicy& policy) const {
  if (!policy.rolling) return from_units(current_.spent);
  int64_t sum = hour_spent_;
  for (const int64_t hour : past_hours_) add(sum, hour);
  return from_units(sum);
}

double Budget::spent_before() const { return from_units(previous_.spent); }

double Budget::per_hour() const { return recent_hours_ > 0 ? recent_ / recent_hours_ : from_units(hour_spent_); }

std::optional<SpendForecast> Budget::forecast(Timestamp now, const BudgetPolicy& policy,
                                              const BudgetClock& clock) const {
  if (policy.rolling || hour_ == kMinTimestamp) return std::nullopt;
  const double passed = to_seconds(now - hour_) / 3600;  // of the hour that is going on
  const double hour_spent = is_first_hour_ ? 0 : from_units(hour_spent_);
  const double hour_expected = is_first_hour_ ? 0 : passed * profile_.expected(clock.slot(hour_));
  return forecast_spend({from_units(current_.spent), recent_ + hour_spent, recent_expected_ + hour_expected, now},
                        current_.period, policy.amount, profile_, clock);
}

int64_t Budget::spent_in(const Firing& firing) const {
  for (const Account* account : {&current_, &previous_})
    if (account->period == firing.period) return account->spent;
  return 0;
}

BudgetEvent Budget::describe(const Firing& firing, Timestamp now) const {
  BudgetEvent out;
  out.permille = firing.permille;
  out.period = firing.period;
  out.starts_at = firing.fired_at;
  out.observed_at = now;
  out.spent = from_units(spent_in(firing));
  out.per_hour = per_hour();
  return out;
}

void Budget::tell_shares(Account& account, double spent, Timestamp now, const BudgetPolicy& policy,
                         std::vector<BudgetEvent>& out) {
  std::optional<uint32_t> highest;
  for (const double share : policy.alert_at) {
    if (spent < share * policy.amount || account.has_told(permille(share))) continue;
    account.told.push_back(permille(share));
    highest = std::max(highest.value_or(0), permille(share));
  }
  if (!highest) return;
  const BudgetPeriod period = policy.rolling ? BudgetPeriod{now - *policy.rolling, now} : account.period;
  firing_.push_back({*highest, period, now});
  out.push_back(describe(firing_.back(), now));
}

void Budget::tell_forecast(Timestamp now, const BudgetPolicy& policy, const std::optional<SpendForecast>& forecast,
                           std::vector<BudgetEvent>& out) {
  if (!policy.forecasts || !forecast || current_.has_told(kForecast) || from_units(current_.spent) >= policy.amount)
    return;
  const double passed =
      to_seconds(now - current_.period.start) / to_seconds(current_.period.end - current_.period.start);
  if (forecast->low <= policy.amount || (!forecast->is_seasonal && passed < kFlatAfter)) return;
  current_.told.push_back(kForecast);
  firing_.push_back({kForecast, current_.period, now});
  out.push_back(describe(firing_.back(), now));
}

void Budget::resolve(Timestamp now, const BudgetPolicy& policy, const std::optional<SpendForecast>& forecast,
                     std::vector<BudgetEvent>& out) {
  std::erase_if(firing_, [&](const Firing& firing) {
    if (firing.fired_at >= now) return false;  // told in this very moment
    bool is_over = !policy.rolling && firing.period != current_.period;
    if (policy.rolling) is_over = spent(policy) < kRearm * firing.permille / 1000 * policy.amount;
    if (firing.permille == kForecast && !is_over)
      is_over = from_units(current_.spent) >= policy.amount || (forecast && forecast->high < policy.amount);
    if (!is_over) return false;
    BudgetEvent ended = describe(firing, now);
    ended.is_resolved = true;
    out.push_back(ended);
    // What is below the share that ends may be told again, too.
    if (policy.rolling)
      std::erase_if(current_.told, [&](uint32_t told) { return spent(policy) < kRearm * told / 1000 * policy.amount; });
    return true;
  });
}

std::vector<BudgetEvent> Budget::decide(Timestamp now, const BudgetPolicy& policy, const BudgetClock& clock) {
  if (hour_ == kMinTimestamp) return {};
  advance(now, policy, clock);
  const auto foreseen = forecast(now, policy, clock);
  std::vector<BudgetEvent> out;
  resolve(now, policy, foreseen, out);
  if (previous_.period.end > previous_.period.start) tell_shares(previous_, spent_before(), now, policy, out);
  tell_shares(current_, spent(policy), now, policy, out);
  tell_forecast(now, policy, foreseen, out);
  for (BudgetEvent& event : out) {
    event.amount = policy.amount;
    if (policy.rolling) event.spent = spent(policy);
    if (event.period == current_.period) event.forecast = foreseen;
  }
  return out;
}

std::vector<BudgetEvent> Budget::retire(Timestamp now) {
  std::vector<BudgetEvent> out;
  for (const Firing& firing : firing_) {
    BudgetEvent& ended = out.emplace_back(describe(firing, now));
    ended.is_resolved = true;
    ended.is_gone = true;
  }
  firing_.clear();
  return out;
}

void Budget::save(ByteWriter& out) const {
  out.put(kVersion);
  for (const Account* account : {&current_, &previous_}) {
    put_period(out, account->period);
    out.put_signed(account->spent);
    out.put_varint(account->told.size());
    for (const uint32_t told : account->told) out.put_varint(told);
  }
  out.put(hour_.time_since_epoch().count());
  out.put_signed(hour_spent_);
  out.put<uint8_t>(is_first_hour_ ? 1 : 0);
  out.put_varint(past_hours_.size());
  for (const int64_t hour : past_hours_) out.put_signed(hour);
  for (const double value : {recent_, recent_expected_, recent_hours_}) out.put(value);
  profile_.save(out);
  out.put_varint(firing_.size());
  for (const Firing& firing : firing_) {
    out.put_varint(firing.permille);
    put_period(out, firing.period);
    out.put(firing.fired_at.time_since_epoch().count());
  }
}

Status Budget::load(ByteReader& in) {
  if (in.get<uint8_t>() != kVersion) return Error{"unknown_version", "budget: not a version this build can read"};
  for (Account* account : {&current_, &previous_}) {
    account->period = get_period(in);
    account->spent = in.get_signed();
    account->told.clear();
    for (uint64_t left = in.get_count(); left > 0; --left)
      account->told.push_back(static_cast<uint32_t>(in.get_varint()));
  }
  hour_ = get_time(in);
  hour_spent_ = in.get_signed();
  is_first_hour_ = in.get<uint8_t>() != 0;
  past_hours_.clear();
  for (uint64_t left = in.get_count(); left > 0; --left) past_hours_.push_back(in.get_signed());
  for (double* value : {&recent_, &recent_expected_, &recent_hours_}) *value = in.get<double>();
  if (!profile_.load(in)) return Error{"corrupt", "budget: its state is cut off"};
  firing_.clear();
  for (uint64_t left = in.get_count(25); left > 0; --left) {
    Firing& firing = firing_.emplace_back();
    firing.permille = static_cast<uint32_t>(in.get_varint());
    firing.period = get_period(in);
    firing.fired_at = get_time(in);
  }
  if (!in.ok()) return Error{"corrupt", "budget: its state is cut off"};
  return is_sound() ? ok_status() : Status(Error{"corrupt", "budget: its times or sums cannot be"});
}

bool Budget::is_sound() const {
  const auto is_time = [](Timestamp time) {
    return time >= Timestamp() - hours(48) && time < Timestamp::max() - hours(24 * 366);
  };
  const auto is_period = [&](const BudgetPeriod& period) {
    return is_time(period.start) && is_time(period.end) && period.start <= period.end;
  };
  return (hour_ == kMinTimestamp || (is_time(hour_) && align_down(hour_, hours(1)) == hour_)) &&
         is_period(current_.period) && is_period(previous_.period) &&
         std::all_of(firing_.begin(), firing_.end(),
                     [&](const Firing& f) { return is_period(f.period) && is_time(f.fired_at); }) &&
         std::isfinite(recent_) && std::isfinite(recent_expected_) && std::isfinite(recent_hours_);
}

}  // namespace tidewatch
