#include "detectors/decide/slo/slo.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "detectors/core/special_functions.h"

namespace tidewatch {
namespace {

using namespace std::chrono_literals;

constexpr uint8_t kVersion = 1;
/// The longest window that is summed from slots of five minutes.
constexpr Duration kLongestFine = 6h;
/// Of a share below which it may alert again.
constexpr double kRearm = 0.9;
/// A burn that begins again so soon is the same alert.
constexpr Duration kReopen = 1h;
constexpr double kTail = 0.05;  // of the forecast's interval, to each side
constexpr double kMostBits = 1000;

uint32_t permille(double share) { return static_cast<uint32_t>(std::llround(share * 1000)); }

Duration lately(const SloPolicy& policy) { return std::max<Duration>(1h, policy.period / 30); }

bool is_more_urgent(const BurnRule& a, const BurnRule& b) {
  return a.severity != b.severity ? a.severity > b.severity : a.burn > b.burn;
}

template <typename T>
bool contains(const std::vector<T>& all, const T& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

void put_time(ByteWriter& out, Timestamp time) { out.put(time.time_since_epoch().count()); }
Timestamp get_time(ByteReader& in) { return Timestamp(Duration(in.get<int64_t>())); }

}  // namespace

double Slo::surprise_of(const SloCounts& counts, double budget) {
  if (!(counts.effective_bad > 0)) return 0;
  // P(X >= bad) of a binomial law, for numbers of events that need not be whole.
  const double chance = beta_lower(budget, counts.effective_bad, counts.effective - counts.effective_bad + 1);
  return chance > 0 ? std::min(kMostBits, -std::log2(chance)) : kMostBits;
}

void Slo::advance(Timestamp now, const SloPolicy& policy) {
  if (since_ == kMinTimestamp) since_ = now;
  Duration fine = kResolution;
  Duration hourly = lately(policy);
  for (const BurnRule& rule : policy.burns)
    for (const Duration length : {rule.long_window, rule.short_window})
      (length <= kLongestFine ? fine : hourly) = std::max(length <= kLongestFine ? fine : hourly, length);
  fine_.advance(now, fine);
  hourly_.advance(now, hourly);
  daily_.advance(now, policy.period);
}

const SlotCounts& Slo::slots_for(Duration length) const { return length <= kLongestFine ? fine_ : hourly_; }

void Slo::charge(Timestamp time, const SloCounts& counts, const SloPolicy& policy) {
  advance(time, policy);
  for (SlotCounts* slots : {&fine_, &hourly_, &daily_}) slots->add(time, counts);
}

bool Slo::charge_late(Timestamp time, const SloCounts& counts, const SloPolicy& policy) {
  if (since_ == kMinTimestamp) {
    charge(time, counts, policy);
    return true;
  }
  bool is_kept = false;
  for (SlotCounts* slots : {&fine_, &hourly_, &daily_}) is_kept |= slots->add(time, counts);
  if (is_kept) since_ = std::min(since_, time);
  return is_kept;
}

SlotCounts::Window Slo::recent(Timestamp now, const BurnRule& rule, double least) const {
  const Timestamp start = now - rule.short_window;
  const Timestamp limit = now - rule.long_window;
  const SlotCounts& slots = slots_for(rule.short_window);
  const SlotCounts::Window seen = slots.since(start, limit, least);
  const SlotCounts& longer = slots_for(rule.long_window);
  return seen.counts.events >= least || &longer == &slots ? seen : longer.since(start, limit, least);
}

Slo::Burn Slo::look(Timestamp now, const BurnRule& rule, const SloPolicy& policy) const {
  Burn out;
  out.in_long = slots_for(rule.long_window).since(now - rule.long_window).counts;
  out.in_short = recent(now, rule, policy.least_recent);
  out.surprise = surprise_of(out.in_long, policy.budget());
  const double most = rule.burn * policy.budget();
  // A past that is shorter than the window has spent as much less of the budget.
  const double seen = std::min(1.0, to_seconds(now - since_) / to_seconds(rule.long_window));
  const bool is_long_over = seen * out.in_long.rate() > most;
  // Without any event nothing is known: what burned goes on until the long window is over it.
  const bool is_silent = !(out.in_short.counts.events > 0);
  out.goes_on = is_silent ? is_long_over : out.in_short.counts.rate() > most;
  out.begins = !is_silent && out.goes_on && is_long_over && out.in_long.events >= policy.min_events &&
               out.in_long.bad >= policy.min_bad && out.surprise >= -std::log2(policy.chance);
  return out;
}

void Slo::decide_burn(Timestamp now, const SloPolicy& policy, bool is_expected, std::vector<SloEvent>& out) {
  std::vector<BurnRule> burning;
  const BurnRule* urgent = nullptr;
  for (const BurnRule& rule : policy.burns) {
    const Burn seen = look(now, rule, policy);
    if (!(contains(burning_, rule) ? seen.goes_on : seen.begins && !is_expected)) continue;
    burning.push_back(rule);
    if (urgent == nullptr || is_more_urgent(rule, *urgent)) urgent = &rule;
  }
  if (burning.empty() && burning_.empty()) return;
  SloEvent event;
  event.observed_at = now;
  event.kind = SloEvent::Kind::escalated;
  if (burning.empty()) {
    event.kind = SloEvent::Kind::resolved;
    event.rule = *std::min_element(burning_.begin(), burning_.end(), is_more_urgent);
  } else {
    event.rule = *urgent;
  }
  const Burn seen = look(now, event.rule, policy);
  if (burning_.empty()) {
    event.kind = SloEvent::Kind::fired;
    event.is_reopened = ended_at_ != kMinTimestamp && now - ended_at_ <= kReopen;
    if (!event.is_reopened) starts_at_ = std::max(seen.in_short.start, ended_at_);
    severity_ = urgent->severity;
  }
  const bool is_worse = urgent != nullptr && urgent->severity > severity_;
  if (is_worse) severity_ = urgent->severity;
  burning_ = std::move(burning);
  if (event.kind == SloEvent::Kind::escalated && !is_worse) return;
  if (event.kind == SloEvent::Kind::resolved) ended_at_ = now;
  event.severity = severity_;
  event.starts_at = starts_at_;
  event.in_long = seen.in_long;
  event.in_short = seen.in_short.counts;
  event.short_window = now - seen.in_short.start;
  event.surprise = seen.surprise;
  out.push_back(event);
}

void Slo::decide_shares(Timestamp now, const SloPolicy& policy, std::vector<SloEvent>& out) {
  const SloStanding seen = standing(now, policy);
  const auto is_below = [&](uint32_t share) { return seen.spent() < kRearm * share / 1000; };
  const auto tell = [&](const Firing& firing, SloEvent::Kind kind) {
    SloEvent& event = out.emplace_back();
    event.kind = kind;
    event.permille = firing.permille;
    event.starts_at = firing.fired_at;
    event.observed_at = now;
  };
  const auto is_asked_for = [&](uint32_t share) {
    return std::any_of(policy.alert_at.begin(), policy.alert_at.end(), [&](double s) { return permille(s) == share; });
  };
  std::erase_if(firing_, [&](const Firing& firing) {
    if (!is_below(firing.permille) && is_asked_for(firing.permille)) return false;
    tell(firing, SloEvent::Kind::resolved);
    return true;
  });
  std::erase_if(told_, is_below);
  if (seen.counts.bad < policy.min_bad) return;
  std::optional<uint32_t> highest;
  for (const double share : policy.alert_at) {
    if (seen.spent() < share || contains(told_, permille(share))) continue;
    told_.push_back(permille(share));
    highest = std::max(highest.value_or(0), permille(share));
  }
  if (!highest) return;
  firing_.push_back({*highest, now});
  tell(firing_.back(), SloEvent::Kind::fired);
}

std::vector<SloEvent> Slo::decide(Timestamp now, const SloPolicy& policy, bool is_expected) {
  if (since_ == kMinTimestamp) return {};
  advance(now, policy);
  std::vector<SloEvent> out;
  decide_burn(now, policy, is_expected, out);
  decide_shares(now, policy, out);
  if (out.empty()) return out;
  SloStanding seen = standing(now, policy);
  seen.gone = gone(now, policy, seen);
  for (SloEvent& event : out) event.standing = seen;
  return out;
}

SloStanding Slo::standing(Timestamp now, const SloPolicy& policy) const {
  SloStanding out;
  if (since_ == kMinTimestamp) return out;
  out.counts = daily_.since(now - policy.period).counts;
  const double age = to_seconds(std::max<Duration>(now - since_, kResolution)) / to_seconds(policy.period);
  out.allowed = policy.budget() * out.counts.events / std::min(1.0, age);
  out.burn = hourly_.since(now - lately(policy)).counts.rate() / policy.budget();
  return out;
}

std::optional<BudgetGone> Slo::gone(Timestamp now, const SloPolicy& policy, const SloStanding& standing) const {
  const Duration span = std::min<Duration>(lately(policy), std::max<Duration>(now - since_, kResolution));
  const SloCounts recent = hourly_.since(now - span).counts;
  if (standing.left() <= 0 || !(recent.effective > 0) || !(recent.events > 0)) return std::nullopt;
  // Bad events come as a Poisson stream: the exact interval of its rate (Garwood 1936), sampled events counted by what
  // they tell.
  const double told = recent.effective_bad;
  const double weight = told > 0 ? recent.bad / told : recent.events / recent.effective;
  const double scale = weight / to_seconds(span);
  const auto when = [&](double a_second) -> std::optional<Timestamp> {
    const Duration step = policy.period / 720;
    for (int i = 1; i <= 720; ++i) {
      const double stays = daily_.since(now + i * step - policy.period).counts.bad;  // of what was bad until now
      if (stays + a_second * to_seconds(i * step) >= standing.allowed) return now + i * step;
    }
    return std::nullopt;
  };
  BudgetGone out;
  out.at = when(told * scale);
  out.earliest = when(gamma_quantile(1 - kTail, told + 1) * scale);
  out.latest = told > 0 ? when(gamma_quantile(kTail, told) * scale) : std::nullopt;
  return out;
}

std::vector<SloEvent> Slo::retire(Timestamp now) {
  std::vector<SloEvent> out;
  const auto end = [&](uint32_t share, Timestamp starts_at, Severity severity) {
    SloEvent& event = out.emplace_back();
    event.kind = SloEvent::Kind::resolved;
    event.is_gone = true;
    event.permille = share;
    event.severity = severity;
    event.starts_at = starts_at;
    event.observed_at = now;
  };
  if (!burning_.empty()) end(0, starts_at_, severity_);
  for (const Firing& firing : firing_) end(firing.permille, firing.fired_at, Severity::ticket);
  burning_.clear();
  firing_.clear();
  return out;
}

size_t Slo::memory_bytes() const {
  return sizeof(Slo) + fine_.memory_bytes() + hourly_.memory_bytes() + daily_.memory_bytes() +
         burning_.capacity() * sizeof(BurnRule) + told_.capacity() * sizeof(uint32_t) +
         firing_.capacity() * sizeof(Firing);
}

void Slo::save(ByteWriter& out) const {
  out.put(kVersion);
  for (const SlotCounts* slots : {&fine_, &hourly_, &daily_}) slots->save(out);
  put_time(out, since_);
  out.put_varint(burning_.size());
  for (const BurnRule& rule : burning_) {
    out.put(rule.burn);
    out.put(rule.long_window.count());
    out.put(rule.short_window.count());
    out.put(static_cast<uint8_t>(rule.severity));
  }
  out.put(static_cast<uint8_t>(severity_));
  put_time(out, starts_at_);
  put_time(out, ended_at_);
  out.put_varint(told_.size());
  for (const uint32_t told : told_) out.put_varint(told);
  out.put_varint(firing_.size());
  for (const Firing& firing : firing_) {
    out.put_varint(firing.permille);
    put_time(out, firing.fired_at);
  }
}

Status Slo::load(ByteReader& in) {
  if (in.get<uint8_t>() != kVersion) return Error{"unknown_version", "slo: not a version this build can read"};
  const Error corrupt{"corrupt", "slo: its state is cut off, or its times cannot be"};
  for (SlotCounts* slots : {&fine_, &hourly_, &daily_})
    if (!slots->load(in)) return corrupt;
  bool is_sound = true;
  const auto get_severity = [&] {
    const auto value = in.get<uint8_t>();
    is_sound = is_sound && value <= static_cast<uint8_t>(Severity::page);
    return static_cast<Severity>(value);
  };
  const auto get_past = [&] {
    const Timestamp time = get_time(in);
    is_sound =
        is_sound && time < Timestamp::max() - 24h * 366 && (time == kMinTimestamp || time >= Timestamp() - 24h * 100);
    return time;
  };
  since_ = get_past();
  burning_.clear();
  for (uint64_t left = in.get_count(25); left > 0; --left) {
    BurnRule& rule = burning_.emplace_back();
    rule.burn = in.get<double>();
    rule.long_window = Duration(in.get<int64_t>());
    rule.short_window = Duration(in.get<int64_t>());
    rule.severity = get_severity();
  }
  severity_ = get_severity();
  starts_at_ = get_past();
  ended_at_ = get_past();
  told_.clear();
  for (uint64_t left = in.get_count(); left > 0; --left) told_.push_back(static_cast<uint32_t>(in.get_varint()));
  firing_.clear();
  for (uint64_t left = in.get_count(9); left > 0; --left) {
    Firing& firing = firing_.emplace_back();
    firing.permille = static_cast<uint32_t>(in.get_varint());
    firing.fired_at = get_past();
  }
  return in.ok() && is_sound ? ok_status() : Status(corrupt);
}

}  // namespace tidewatch
