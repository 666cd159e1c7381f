#include "detectors/decide/rollout/rollout.h"

#include <algorithm>
#include <cmath>

#include "detectors/core/check.h"
#include "detectors/decide/rollout/normal_mixture.h"
#include "detectors/decide/rollout/sample_ratio.h"

namespace tidewatch {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr uint8_t kVersion = 1;
/// An arm that is silent for so long sends nothing.
constexpr Duration kGap = minutes(10);
/// A treatment that comes back after so long is another one.
constexpr Duration kRestartAfter = hours(1);
/// One-sided, by the normal law, at one look: a guard that leans so far beyond its margin holds its step.
constexpr double kLeaning = 1.645;
/// It does so long before anything can be decided of it.
constexpr double kLeastToLean = 20;
/// Why it waits may change from pane to pane; people are told no more often.
constexpr Duration kTellAgain = minutes(10);
constexpr size_t kOrdersKept = 32;
/// More than this is not worth telling a person to wait for.
constexpr Duration kLongestWait = hours(24 * 90);

double weight_of(const ArmGroups& arm) { return arm.all().weight; }

int64_t count_of(Timestamp time) { return time.time_since_epoch().count(); }
Timestamp time_of(ByteReader& in) { return Timestamp(Duration(in.get<int64_t>())); }

}  // namespace

std::string RolloutPlan::identity() const {
  ByteWriter out;
  for (const double share : steps) out.put(share);
  for (const GuardPlan& guard : guards) {
    out.put(static_cast<uint8_t>(guard.kind));
    out.put(guard.quantile);
    for (const bool flag : {guard.is_up_worse, guard.is_relative, guard.is_goal}) out.put<uint8_t>(flag ? 1 : 0);
    out.put(guard.margin);
  }
  return std::move(out).bytes();
}

RolloutPane::RolloutPane(const RolloutPlan& plan) {
  for (const GuardPlan& guard : plan.guards) guards.push_back(GuardSums::of(guard));
}

void RolloutPane::merge(const RolloutPane& other) {
  for (size_t arm = 0; arm < kArms; ++arm)
    for (size_t group = 0; group < kRandomGroups; ++group) requests[arm][group].add(other.requests[arm][group]);
  for (size_t i = 0; i < guards.size(); ++i) guards[i].merge(other.guards[i]);
}

double Rollout::share_of(const RolloutPlan& plan) const {
  switch (phase_) {
    case Phase::waiting:
      return plan.steps.front();
    case Phase::running:
      return plan.steps[step_];
    case Phase::promoted:
      return 1;
    case Phase::rolled_back:
      return 0;
  }
  return 0;
}

void Rollout::forget() {
  guards_.clear();
  priors_.clear();
  pending_.clear();
  pending_width_ = {};
  requests_ = {};
}

void Rollout::begin(const RolloutPlan& plan, Timestamp at) {
  phase_ = Phase::running;
  run_ = at;
  guards_.assign(plan.guards.size(), {});
  priors_.assign(plan.guards.size(), 0);
  begin_step(plan, 0, at);
  last_control_ = at;
  last_treatment_ = at;
}

void Rollout::begin_step(const RolloutPlan& plan, size_t step, Timestamp at) {
  step_ = step;
  step_began_ = at;
  observed_ = {};
  requests_ = {};
  pending_.clear();
  pending_width_ = {};
  for (size_t i = 0; i < plan.guards.size(); ++i) guards_[i].push_back(GuardSums::of(plan.guards[i]));
}

std::optional<RolloutNews> Rollout::step(const RolloutPlan& plan, const RolloutPane& pane, Timestamp end,
                                         Duration width) {
  const bool has_treatment = pane.has(Arm::treatment);
  if (phase_ != Phase::running) {
    forget();
    const bool was_away = phase_ == Phase::waiting || end - last_treatment_ >= kRestartAfter;
    if (has_treatment) last_treatment_ = end;
    if (!has_treatment || !was_away) return std::nullopt;
    begin(plan, end - width);
    learn(plan, pane, end, width);
    told_ = RolloutReason::begun;
    return news(plan, RolloutDecision::start, RolloutReason::begun, end);
  }
  learn(plan, pane, end, width);
  RolloutNews out = decide(plan, end);
  const bool is_told = out.decision == RolloutDecision::hold && out.reason == told_;
  // That a step is being watched is what `start` and `advance` said.
  const bool is_plain =
      out.reason == RolloutReason::watching && (told_ == RolloutReason::begun || told_ == RolloutReason::step_passed);
  const bool is_soon =
      out.decision == RolloutDecision::hold && told_at_ != kMinTimestamp && end - told_at_ < kTellAgain;
  if (is_told || is_plain || is_soon) return std::nullopt;
  told_ = out.reason;
  told_at_ = out.decision == RolloutDecision::hold ? end : kMinTimestamp;
  return out;
}

void Rollout::learn(const RolloutPlan& plan, const RolloutPane& pane, Timestamp end, Duration width) {
  if (pane.has(Arm::control)) last_control_ = end;
  if (pane.has(Arm::treatment)) last_treatment_ = end;
  if (end - width < step_began_ + plan.warm_up) return;
  if (is_silent(end)) {
    pending_.clear();
    pending_width_ = {};
    return;
  }
  if (pending_.empty()) pending_.emplace_back(plan);
  pending_.front().merge(pane);
  pending_width_ += width;
  if (!pending_.front().has(Arm::control) || !pending_.front().has(Arm::treatment)) return;
  const RolloutPane& seen = pending_.front();
  for (size_t arm = 0; arm < kArms; ++arm)
    for (size_t group = 0; group < kRandomGroups; ++group) requests_[arm][group].add(seen.requests[arm][group]);
  for (size_t i = 0; i < guards_.size(); ++i) guards_[i].back().merge(seen.guards[i]);
  observed_ += pending_width_;
  pending_.clear();
  pending_width_ = {};
}

bool Rollout::is_silent(Timestamp end) const { return end - std::min(last_control_, last_treatment_) >= kGap; }

Rollout::Evidence Rollout::judge(const RolloutPlan& plan, size_t index) {
  const GuardPlan& guard = plan.guards[index];
  const GuardComparison comparison(guard, guards_[index]);
  const auto every = static_cast<double>(plan.guards.size());
  Evidence out;
  const double sign = guard.is_up_worse ? 1 : -1;
  // A goal's margin is what would be worth having; as a guard it must not be worse at all.
  const double harm = guard.is_goal ? 0 : guard.harm();
  if (const auto early = comparison.at(harm, kLeastToLean))
    out.leans = sign * early->value > kLeaning * std::sqrt(early->variance);
  out.at_harm = comparison.at(harm, plan.min_requests);
  if (!out.at_harm) return out;
  double& prior = priors_[index];
  if (prior == 0) {
    // Chosen once, at the first look, for about as much data as a step brings.
    const double looks = observed_ > Duration::zero() ? to_seconds(plan.hold) / to_seconds(observed_) : 1;
    prior = best_prior_variance(out.at_harm->variance / std::max(1.0, looks), plan.alpha);
  }
  const double worse = sign * out.at_harm->value;
  const double variance = out.at_harm->variance;
  out.is_worse = log_evidence(worse, variance, prior) >= std::log(every / plan.alpha);
  out.holds = log_evidence(-worse, variance, prior) >= -std::log(plan.alpha);
  if (!guard.is_goal) return out;
  if (const auto at_gain = comparison.at(guard.gain(), plan.min_requests))
    out.is_hopeless = log_evidence(sign * at_gain->value, at_gain->variance, prior) >= -std::log(plan.alpha);
  return out;
}

RolloutNews Rollout::decide(const RolloutPlan& plan, Timestamp end) {
  using enum RolloutReason;
  std::vector<Evidence> guards;
  guards.reserve(plan.guards.size());
  for (size_t i = 0; i < plan.guards.size(); ++i) guards.push_back(judge(plan, i));
  const auto first = [&](auto claim) -> std::optional<size_t> {
    for (size_t i = 0; i < guards.size(); ++i)
      if (claim(guards[i], plan.guards[i])) return i;
    return std::nullopt;
  };
  const auto say = [&](RolloutDecision decision, RolloutReason reason, std::optional<size_t> guard = std::nullopt) {
    RolloutNews out = news(plan, decision, reason, end);
    out.guard = guard;
    return out;
  };
  const auto roll_back = [&](RolloutReason reason, std::optional<size_t> guard) {
    phase_ = Phase::rolled_back;
    return say(RolloutDecision::rollback, reason, guard);
  };
  if (const auto worse = first([](const Evidence& e, const GuardPlan&) { return e.is_worse; }))
    return roll_back(guard_failed, worse);
  if (plan.longest && end - run_ >= *plan.longest) return roll_back(out_of_time, std::nullopt);
  if (is_silent(end)) return say(RolloutDecision::hold, no_data);
  if (plan.checks_sample_ratio &&
      log_sample_ratio_evidence(requests_, plan.steps[step_]) >= -std::log(kSampleRatioAlpha))
    return say(RolloutDecision::hold, sample_ratio);
  if (const auto none = first([](const Evidence& e, const GuardPlan& g) { return g.is_goal && e.is_hopeless; }))
    return roll_back(no_gain, none);
  if (observed_ < plan.hold) {
    RolloutNews out = say(RolloutDecision::hold, watching);
    out.wait = plan.hold - observed_;
    return out;
  }
  const double fewest = std::min(weight_of(requests_[0]), weight_of(requests_[1]));
  const auto unknown = first([](const Evidence& e, const GuardPlan&) { return !e.at_harm; });
  const bool is_last = step_ + 1 == plan.steps.size();
  if (fewest < plan.min_requests || (is_last && unknown)) {
    RolloutNews out = say(RolloutDecision::hold, few_requests, fewest < plan.min_requests ? std::nullopt : unknown);
    if (fewest > 0 && fewest < plan.min_requests)
      out.wait = Duration(std::llround(static_cast<double>(observed_.count()) * (plan.min_requests / fewest - 1)));
    return out;
  }
  if (const auto leaning = first([](const Evidence& e, const GuardPlan&) { return e.leans; }))
    return say(RolloutDecision::hold, leaning_worse, leaning);
  if (!is_last) {
    begin_step(plan, step_ + 1, end);
    return say(RolloutDecision::advance, step_passed);
  }
  if (const auto unsure = first([](const Evidence& e, const GuardPlan&) { return !e.holds; })) {
    RolloutNews out = say(RolloutDecision::hold, not_yet_sure, unsure);
    out.wait = wait_for(plan, guards[*unsure], *unsure);
    return out;
  }
  phase_ = Phase::promoted;
  return say(RolloutDecision::promote, good_enough);
}

std::optional<Duration> Rollout::wait_for(const RolloutPlan& plan, const Evidence& evidence, size_t index) const {
  if (plan.guards[index].is_goal || !evidence.at_harm || observed_ <= Duration::zero()) return std::nullopt;
  const double sign = plan.guards[index].is_up_worse ? 1 : -1;
  const double good = -sign * evidence.at_harm->value;
  if (good <= 0) return std::nullopt;
  // Data of this step comes at the rate that it came at so far.
  const std::vector<GuardSums> now = {guards_[index].back()};
  const auto of_step = GuardComparison(plan.guards[index], now).at(plan.guards[index].harm(), 1);
  if (!of_step || of_step->size <= 0) return std::nullopt;
  double low = 1;
  double high = 1;
  const auto is_enough = [&](double times) {
    return log_evidence(good, evidence.at_harm->variance / times, priors_[index]) >= -std::log(plan.alpha);
  };
  while (!is_enough(high) && high < 1e6) high *= 2;
  for (int i = 0; i < 30; ++i) (is_enough((low + high) / 2) ? high : low) = (low + high) / 2;
  const double more = (high - 1) * evidence.at_harm->size / of_step->size;
  const double wait = more * to_seconds(observed_);
  if (wait > to_seconds(kLongestWait)) return std::nullopt;
  return Duration(std::llround(wait * 1e9));
}

RolloutNews Rollout::news(const RolloutPlan& plan, RolloutDecision decision, RolloutReason reason, Timestamp at) const {
  RolloutNews out;
  out.decision = decision;
  out.reason = reason;
  out.at = at;
  out.run = run_;
  out.step = step_;
  out.share = share_of(plan);
  const double treatment = weight_of(requests_[1]);
  const double all = treatment + weight_of(requests_[0]);
  out.observed_share = all > 0 ? treatment / all : 0;
  return out;
}

GuardReading Rollout::reading(const RolloutPlan& plan, size_t index) const {
  GuardReading out;
  const GuardPlan& guard = plan.guards[index];
  const GuardComparison comparison(guard, guards_[index]);
  out.estimate = comparison.estimate();
  if (!out.estimate || priors_[index] == 0) return out;
  const double limit = -std::log(plan.alpha);
  // 1: the true effect is surely higher than `effect`; -1: lower; 0: may be.
  const auto side = [&](double effect) {
    const auto difference = comparison.at(effect, plan.min_requests);
    if (!difference) return 0;
    if (log_evidence(difference->value, difference->variance, priors_[index]) >= limit) return 1;
    return log_evidence(-difference->value, difference->variance, priors_[index]) >= limit ? -1 : 0;
  };
  const auto bound = [&](int direction) -> std::optional<double> {  // -1: the low end
    double inside = out.estimate->effect;
    double reach = std::max(1e-6, std::abs(inside) / 8);
    for (int i = 0; i < 60; ++i, reach *= 2) {
      if (guard.is_relative && reach > 10) return std::nullopt;
      const double outside = out.estimate->effect + direction * reach;
      if (side(outside) != -direction) {
        inside = outside;
        continue;
      }
      double beyond = outside;
      for (int halving = 0; halving < 30; ++halving) {
        const double middle = (inside + beyond) / 2;
        (side(middle) == -direction ? beyond : inside) = middle;
      }
      return beyond;
    }
    return std::nullopt;
  };
  out.low = bound(-1);
  out.high = bound(1);
  return out;
}

std::vector<GuardReading> Rollout::readings(const RolloutPlan& plan) const {
  std::vector<GuardReading> out;
  if (guards_.size() != plan.guards.size()) return out;
  const auto every = static_cast<double>(plan.guards.size());
  for (size_t i = 0; i < plan.guards.size(); ++i) {
    GuardReading& one = out.emplace_back(reading(plan, i));
    const GuardPlan& guard = plan.guards[i];
    const double sign = guard.is_up_worse ? 1 : -1;
    const auto at_harm = GuardComparison(guard, guards_[i]).at(guard.is_goal ? 0 : guard.harm(), plan.min_requests);
    if (!at_harm || priors_[i] == 0) continue;
    if (log_evidence(sign * at_harm->value, at_harm->variance, priors_[i]) >= std::log(every / plan.alpha)) {
      one.verdict = GuardVerdict::worse;
    } else if (log_evidence(-sign * at_harm->value, at_harm->variance, priors_[i]) >= -std::log(plan.alpha)) {
      const auto better_than_none = guard.is_up_worse ? one.high : one.low;
      one.verdict = better_than_none && sign * *better_than_none < 0 ? GuardVerdict::better : GuardVerdict::same;
    }
  }
  return out;
}

void Rollout::end_by_order(Phase phase, Timestamp at) {
  phase_ = phase;
  // What was ordered before the first request holds for the requests that follow.
  last_treatment_ = std::max(last_treatment_, at);
}

std::optional<RolloutNews> Rollout::order(const RolloutPlan& plan, RolloutOrder order, std::string_view id,
                                          Timestamp at) {
  if (std::find(orders_.begin(), orders_.end(), id) != orders_.end()) return std::nullopt;
  orders_.emplace_back(id);
  if (orders_.size() > kOrdersKept) orders_.pop_front();
  const auto say = [&](RolloutDecision decision) { return news(plan, decision, RolloutReason::person, at); };
  switch (order) {
    case RolloutOrder::promote:
      if (phase_ == Phase::promoted) return std::nullopt;
      end_by_order(Phase::promoted, at);
      return say(RolloutDecision::promote);
    case RolloutOrder::rollback:
      if (phase_ == Phase::rolled_back) return std::nullopt;
      end_by_order(Phase::rolled_back, at);
      return say(RolloutDecision::rollback);
    case RolloutOrder::restart:
      begin(plan, at);
      told_ = RolloutReason::begun;
      return say(RolloutDecision::start);
    case RolloutOrder::drill: {
      last_drill_ = at;
      RolloutNews out = say(RolloutDecision::rollback);
      out.is_drill = true;
      return out;
    }
  }
  return std::nullopt;
}

void Rollout::save(ByteWriter& out) const {
  out.put(kVersion);
  out.put(static_cast<uint8_t>(phase_));
  out.put(static_cast<uint8_t>(told_));
  for (const Timestamp time : {told_at_, run_, step_began_, last_control_, last_treatment_, last_drill_})
    out.put(count_of(time));
  out.put_varint(step_);
  out.put(observed_.count());
  for (const ArmGroups& arm : requests_) arm.save(out);
  out.put(static_cast<uint8_t>(pending_.size()));
  out.put(pending_width_.count());
  for (const RolloutPane& pane : pending_) {
    for (const ArmGroups& arm : pane.requests) arm.save(out);
    for (const GuardSums& sums : pane.guards) sums.save(out);
  }
  out.put_varint(orders_.size());
  for (const std::string& id : orders_) out.put_string(id);
  out.put_varint(guards_.size());
  for (size_t i = 0; i < guards_.size(); ++i) {
    out.put(priors_[i]);
    out.put_varint(guards_[i].size());
    for (const GuardSums& sums : guards_[i]) sums.save(out);
  }
}

Status Rollout::load(const RolloutPlan& plan, ByteReader& in) {
  const auto corrupt = [] { return Error{"corrupt", "rollout: its state is cut off, or of another plan"}; };
  if (in.get<uint8_t>() != kVersion) return Error{"unknown_version", "rollout: not a version this build can read"};
  const auto phase = in.get<uint8_t>();
  const auto told = in.get<uint8_t>();
  if (phase > static_cast<uint8_t>(Phase::rolled_back) || told > static_cast<uint8_t>(RolloutReason::person))
    return corrupt();
  phase_ = Phase{phase};
  told_ = RolloutReason{told};
  for (Timestamp* time : {&told_at_, &run_, &step_began_, &last_control_, &last_treatment_, &last_drill_})
    *time = time_of(in);
  step_ = in.get_varint();
  observed_ = Duration(in.get<int64_t>());
  for (ArmGroups& arm : requests_)
    if (!arm.load(in)) return corrupt();
  const auto has_pending = in.get<uint8_t>();
  pending_width_ = Duration(in.get<int64_t>());
  pending_.assign(has_pending == 1 ? 1 : 0, RolloutPane(plan));
  for (RolloutPane& pane : pending_) {
    for (ArmGroups& arm : pane.requests)
      if (!arm.load(in)) return corrupt();
    for (GuardSums& sums : pane.guards)
      if (!sums.load(in)) return corrupt();
  }
  if (has_pending > 1) return corrupt();
  orders_.clear();
  for (uint64_t left = in.get_count(); left > 0; --left) orders_.emplace_back(in.get_string());
  guards_.clear();
  priors_.clear();
  const uint64_t guards = in.get_count();
  if (guards != 0 && guards != plan.guards.size()) return corrupt();
  for (uint64_t i = 0; i < guards; ++i) {
    priors_.push_back(in.get<double>());
    guards_.emplace_back();
    for (uint64_t left = in.get_count(); left > 0; --left)
      if (!guards_.back().emplace_back(GuardSums::of(plan.guards[i])).load(in)) return corrupt();
  }
  const bool is_begun = phase_ == Phase::running;
  if (!in.ok() || step_ >= plan.steps.size() || (is_begun && guards != plan.guards.size())) return corrupt();
  for (const auto& steps : guards_)
    if (steps.size() != step_ + 1) return corrupt();
  return ok_status();
}

}  // namespace tidewatch
