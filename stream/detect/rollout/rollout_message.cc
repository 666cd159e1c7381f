#include "stream/detect/rollout/rollout_message.h"

#include <fmt/format.h>

#include <cmath>

#include "detectors/decide/ids.h"
#include "detectors/decide/wording.h"
#include "stream/publish/timestamps.h"
#include "stream/window/measures.h"

namespace tidewatch {
namespace {

std::string_view name_of(RolloutDecision decision) {
  switch (decision) {
    case RolloutDecision::start:
      return "start";
    case RolloutDecision::hold:
      return "hold";
    case RolloutDecision::advance:
      return "advance";
    case RolloutDecision::promote:
      return "promote";
    case RolloutDecision::rollback:
      return "rollback";
  }
  return "unknown";
}

std::string_view name_of(RolloutReason reason) {
  switch (reason) {
    case RolloutReason::begun:
      return "begun";
    case RolloutReason::watching:
      return "watching";
    case RolloutReason::no_data:
      return "no_data";
    case RolloutReason::few_requests:
      return "few_requests";
    case RolloutReason::sample_ratio:
      return "sample_ratio";
    case RolloutReason::leaning_worse:
      return "leaning_worse";
    case RolloutReason::not_yet_sure:
      return "not_yet_sure";
    case RolloutReason::step_passed:
      return "step_passed";
    case RolloutReason::good_enough:
      return "good_enough";
    case RolloutReason::guard_failed:
      return "guard_failed";
    case RolloutReason::no_gain:
      return "no_gain";
    case RolloutReason::out_of_time:
      return "out_of_time";
    case RolloutReason::person:
      return "person";
  }
  return "unknown";
}

std::string_view name_of(GuardVerdict verdict) {
  switch (verdict) {
    case GuardVerdict::undecided:
      return "undecided";
    case GuardVerdict::same:
      return "same";
    case GuardVerdict::better:
      return "better";
    case GuardVerdict::worse:
      return "worse";
  }
  return "unknown";
}

std::string percent(double share) { return fmt::format("{:.3g} %", share * 100); }

/// Words on one rollout's decision.
class Words {
 public:
  Words(const RolloutWatch& rollout, const RolloutNews& news, const MeasureCatalog& catalog)
      : rule_(&rollout.rule()), news_(&news), catalog_(catalog) {}

  std::string margin(size_t guard) const {
    const auto& of = rule_->guards[guard];
    return of.is_relative ? percent(of.by) : size(guard, of.by);
  }

  std::string sentence() const {
    using enum RolloutReason;
    switch (news_->reason) {
      case begun:
        return fmt::format("{} got its first requests; it is to get {} of them", treatment(), percent(news_->share));
      case watching:
        return fmt::format("{} is watched{}", treatment(), wait(" for {} more"));
      case no_data:
        return "an arm has sent nothing for ten minutes; nothing is decided without data";
      case few_requests:
        return (news_->guard ? fmt::format("too few requests have told {} so far", measure(*news_->guard))
                             : fmt::format("an arm has less than {:g} requests so far", rule_->plan.min_requests)) +
               wait("; about {} more at this traffic");
      case sample_ratio:
        return fmt::format(
            "{} gets {} of the requests instead of {}: does the router follow? Results of arms that are not chosen as "
            "planned cannot be trusted",
            treatment(), percent(news_->observed_share), percent(rule_->plan.steps[news_->step]));
      case leaning_worse:
        return compared("looks worse than allowed, not surely");
      case not_yet_sure:
        return compared(rule_->guards[*news_->guard].is_goal ? "is not surely better yet"
                                                             : "is not surely good enough yet") +
               wait("; about {} more at this traffic");
      case step_passed:
        return fmt::format("nothing is worse than allowed; {} is to get {} of the requests", treatment(),
                           percent(news_->share));
      case good_enough:
        return has_goal() ? "every goal is surely better, and nothing is worse than allowed"
                          : "no guard is worse than allowed";
      case guard_failed:
        return compared("is surely worse than allowed");
      case no_gain:
        return compared("will not become as much better as was asked for");
      case out_of_time:
        return fmt::format("undecided after {}, the longest that was allowed", format_length(news_->at - news_->run));
      case person:
        return news_->is_drill ? "a drill: the way to what acts on decisions is tried, and nothing is wrong"
                               : "a person decided it";
    }
    return "";
  }

 private:
  std::string treatment() const { return fmt::format("{}={}", rule_->label, rule_->treatment); }
  std::string wait(fmt::format_string<std::string> words) const {
    return news_->wait ? fmt::format(words, format_length(*news_->wait)) : "";
  }
  const std::string& measure(size_t guard) const { return rule_->guards[guard].measure; }
  bool has_goal() const {
    for (const auto& guard : rule_->guards)
      if (guard.is_goal) return true;
    return false;
  }
  Unit unit(size_t guard) const {
    MeasureCatalog catalog = catalog_;
    const auto watched = resolve_watched(catalog, measure(guard));
    return watched ? catalog.info(watched->measure).unit : Unit::score;
  }
  /// A difference in the measure's unit.
  std::string size(size_t guard, double value) const {
    const Unit of = unit(guard);
    if (of == Unit::share) return fmt::format("{:.3g} points", value * 100);
    return level(guard, value);
  }
  std::string level(size_t guard, double value) const {
    switch (unit(guard)) {
      case Unit::share:
        return format_quantity(value, Quantity::share);
      case Unit::seconds:
        return format_quantity(value, Quantity::seconds);
      case Unit::usd:
        return format_quantity(value, Quantity::usd);
      default:
        return format_quantity(value, Quantity::number, tidewatch::name_of(unit(guard)));
    }
  }
  /// "refusal_rate is surely worse than allowed: 5.0 % instead of 2.1 %, +138 % (interval +52 to +274 %; limit 0.5
  /// points)".
  std::string compared(const std::string& how) const {
    const size_t guard = *news_->guard;
    std::string out = fmt::format("{} {}", measure(guard), how);
    if (guard >= news_->readings.size() || !news_->readings[guard].estimate) return out;
    const GuardReading& reading = news_->readings[guard];
    const bool is_relative = rule_->guards[guard].is_relative;
    const auto effect = [&](const std::optional<double>& value) -> std::string {
      if (!value) return "open";
      const double shown = is_relative ? std::expm1(*value) : *value;
      return (shown < 0 ? "-" : "+") + (is_relative ? percent(std::abs(shown)) : size(guard, std::abs(shown)));
    };
    out += fmt::format(": {} instead of {}, {}", level(guard, reading.estimate->treatment),
                       level(guard, reading.estimate->control), effect(reading.estimate->effect));
    if (reading.low || reading.high)
      out += fmt::format(" (interval {} to {})", effect(reading.low), effect(reading.high));
    return out + fmt::format("; {} {}", rule_->guards[guard].is_goal ? "asked for" : "allowed", margin(guard));
  }

  const RolloutRule* rule_;
  const RolloutNews* news_;
  MeasureCatalog catalog_;
};

/// Ends of the interval of the difference in the measure's unit.
std::optional<double> difference(const GuardReading& reading, const GuardPlan& plan, const std::optional<double>& end) {
  if (!end) return std::nullopt;
  return plan.is_relative ? reading.estimate->control * std::expm1(*end) : *end;
}

}  // namespace

v1::RolloutDecision rollout_message(const RolloutWatch& rollout, const RolloutNews& news, const MeasureCatalog& catalog,
                                    const std::string& config_version) {
  const RolloutRule& rule = rollout.rule();
  const Words words(rollout, news, catalog);
  v1::RolloutDecision out;
  out.set_rollout(rule.name);
  *out.mutable_at() = to_proto(news.at);
  out.set_step(std::round(news.share * 1e8) / 1e6);
  out.set_decision(std::string(name_of(news.decision)));
  out.set_reason(words.sentence());
  out.set_config_version(config_version);
  out.set_id(alert_id(fmt::format("rollout/{}{}", out.decision(), news.is_drill ? "/drill" : ""), rule.name, news.at));
  if (news.run != kMinTimestamp) *out.mutable_run() = to_proto(news.run);
  out.set_because(std::string(name_of(news.reason)));
  out.set_label(rule.label);
  out.set_control(rule.control);
  out.set_treatment(rule.treatment);
  if (news.observed_share > 0) out.set_observed_share(news.observed_share * 100);
  if (news.wait) out.set_wait_seconds(to_seconds(*news.wait));
  out.set_drill(news.is_drill);
  if (rollout.rollout().last_drill() != kMinTimestamp)
    *out.mutable_last_drill() = to_proto(rollout.rollout().last_drill());
  for (size_t i = 0; i < news.readings.size(); ++i) {
    const GuardReading& reading = news.readings[i];
    v1::RolloutGuard* guard = out.add_guards();
    guard->set_measure(rule.guards[i].measure);
    guard->set_goal(rule.guards[i].is_goal);
    guard->set_margin(words.margin(i));
    guard->set_verdict(std::string(name_of(reading.verdict)));
    MeasureCatalog known = catalog;
    if (const auto watched = resolve_watched(known, rule.guards[i].measure))
      guard->set_unit(std::string(name_of(known.info(watched->measure).unit)));
    if (!reading.estimate) continue;
    guard->set_control(reading.estimate->control);
    guard->set_treatment(reading.estimate->treatment);
    guard->set_difference(reading.estimate->treatment - reading.estimate->control);
    const GuardPlan& plan = rollout.plan().guards[i];
    if (const auto limit = difference(reading, plan, plan.is_goal ? plan.gain() : plan.harm()))
      guard->set_limit(*limit);
    const auto low = difference(reading, plan, reading.low);
    const auto high = difference(reading, plan, reading.high);
    if (!low || !high) continue;
    guard->mutable_interval()->set_low(*low);
    guard->mutable_interval()->set_high(*high);
  }
  return out;
}

}  // namespace tidewatch
