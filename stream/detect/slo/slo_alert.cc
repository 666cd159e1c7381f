#include "stream/detect/slo/slo_alert.h"

#include <fmt/format.h>

#include <cmath>

#include "detectors/decide/ids.h"
#include "detectors/decide/severity.h"
#include "detectors/decide/wording.h"
#include "stream/detect/messages.h"
#include "stream/publish/timestamps.h"

namespace tidewatch {
namespace {

using Kind = SloEvent::Kind;

std::string where_in_words(const EntityMonitor& entity) {
  std::string out;
  for (const auto& [name, value] : entity.labels()) out += fmt::format("{}{}={}", out.empty() ? "" : ", ", name, value);
  return out;
}

std::string share(double value) { return format_quantity(value, Quantity::share); }
std::string count(double value) { return format_quantity(std::round(value), Quantity::count); }

/// "14.4": as it was set; a measured one to a tenth.
std::string times(double burn) {
  return fmt::format("{:g}", burn < 10 ? std::round(burn * 10) / 10 : std::round(burn));
}

/// "7.3 % of 1,234 events in the last 1 h"
std::string seen_in_words(const SloCounts& counts, Duration length) {
  return fmt::format("{} of {} events in the last {}", share(counts.rate()), count(counts.events),
                     format_length(length));
}

std::string forecast_in_words(const SloEvent& event, const SloPolicy& policy) {
  const SloStanding& standing = event.standing;
  if (standing.left() <= 0) return "";
  if (!standing.gone) return "";
  const auto& [at, earliest, latest] = *standing.gone;
  const std::string period = format_length(policy.period);
  if (!earliest) return fmt::format("; at that rate it lasts {}", period);
  const auto day = [](Timestamp time) { return format_time(time, true); };
  if (!at) return fmt::format("; at that rate it lasts {}, but may be gone by {}", period, day(*earliest));
  return fmt::format("; at that rate it is gone by {} ({} to {})", day(*at), day(*earliest),
                     latest ? day(*latest) : "not within " + period);
}

/// "38 % of the error budget is left (752 of 1,980 bad events in 30 d); lately it burns 2.1 times as fast as ..."
std::string standing_in_words(const SloEvent& event, const SloPolicy& policy) {
  const SloStanding& standing = event.standing;
  std::string out;
  if (standing.left() > 0)
    out = fmt::format(" Of the error budget of {} {} is left ({} of {} bad events)", format_length(policy.period),
                      share(1 - standing.spent()), count(standing.left()), count(standing.allowed));
  else
    out = fmt::format(" The error budget of {} is gone ({} bad events of {} allowed)", format_length(policy.period),
                      count(standing.counts.bad), count(standing.allowed));
  return fmt::format("{}; lately it burns {} times as fast as it may{}.", out, times(standing.burn),
                     forecast_in_words(event, policy));
}

std::string burn_in_words(const SloNews& news) {
  const SloEvent& event = news.event;
  const SloPolicy& policy = news.slo->policy();
  if (event.kind == Kind::resolved)
    return fmt::format("does not burn its error budget {:.3g} times as fast as it may any more: bad were {}.",
                       event.rule.burn, seen_in_words(event.in_short, event.short_window));
  return fmt::format(
      "burns its error budget {} times as fast as it may (from {:.3g} on it is told): bad were {}, and {}; {} may be "
      "({}, objective {:.6g} %).",
      times(event.in_long.rate() / policy.budget()), event.rule.burn,
      seen_in_words(event.in_long, event.rule.long_window), seen_in_words(event.in_short, event.short_window),
      share(policy.budget()), news.measure, 100 * policy.objective);
}

std::string share_in_words(const SloNews& news) {
  const SloEvent& event = news.event;
  if (event.kind == Kind::resolved)
    return fmt::format("has spent clearly less than {:g} % of its error budget again: {}.", event.permille / 10.0,
                       share(event.standing.spent()));
  return fmt::format("has spent {} of its error budget: {} events of {} were bad ({}, objective {:.6g} %).",
                     share(event.standing.spent()), count(event.standing.counts.bad),
                     count(event.standing.counts.events), news.measure, 100 * news.slo->policy().objective);
}

std::string why(const EntityMonitor& entity, const SloNews& news) {
  const std::string head = fmt::format("SLO {}: {} ", news.name, where_in_words(entity));
  if (news.slo == nullptr) return head + "is not watched any more: the SLO is no longer in the config.";
  return head + (news.event.permille == 0 ? burn_in_words(news) : share_in_words(news)) +
         standing_in_words(news.event, news.slo->policy());
}

std::string_view name_of(Kind kind) {
  if (kind == Kind::resolved) return "resolved";
  return kind == Kind::fired ? "fired" : "escalated";
}

/// The long window's rate, as the measure counts it.
void set_burn(const SloNews& news, v1::Alert& out) {
  const SloEvent& event = news.event;
  const bool is_good = news.slo->rule().is_good;
  const double rate = event.in_long.rate();
  const double most = news.slo->policy().budget();
  out.set_value(is_good ? 1 - rate : rate);
  out.set_expected(is_good ? 1 - most : most);
  out.set_unit("share");
  out.set_direction(is_good ? "down" : "up");
  out.set_n(event.kind == Kind::resolved ? 0 : event.in_long.effective);
  out.set_surprise(event.surprise);
  out.set_window_seconds(to_seconds(event.rule.long_window));
}

/// Bad events beside those that the budget allows.
void set_share(const SloNews& news, v1::Alert& out) {
  out.set_value(news.event.standing.counts.bad);
  out.set_expected(news.event.standing.allowed);
  out.set_unit("count");
  out.set_direction("up");
  out.set_window_seconds(to_seconds(news.slo->policy().period));
}

}  // namespace

v1::Alert slo_alert(const EntityMonitor& entity, const SloNews& news, const std::vector<Exemplar>& exemplars,
                    const DetectOptions& options) {
  const SloEvent& event = news.event;
  const bool is_burn = event.permille == 0;
  const bool is_resolved = event.kind == Kind::resolved;
  const std::string what = is_burn ? "" : fmt::format("/{}", event.permille);
  v1::Alert out;
  out.set_id(alert_id(fmt::format("slo/{}{}", news.name, what), entity.key(), event.starts_at));
  out.set_state(is_resolved ? "resolved" : "firing");
  out.set_transition(std::string(name_of(event.kind)));
  out.set_severity(std::string(tidewatch::name_of(event.severity)));
  out.set_kind(std::string(is_burn ? kSloKind : kSloBudgetKind));
  out.set_rule(news.name);
  out.set_measure(news.measure);
  out.set_reopened(event.is_reopened);
  for (const auto& [name, value] : entity.labels()) (*out.mutable_labels())[name] = value;
  *out.mutable_starts_at() = to_proto(event.starts_at);
  *out.mutable_observed_at() = to_proto(event.observed_at);
  if (is_resolved) *out.mutable_ends_at() = to_proto(event.observed_at);
  out.set_config_version(options.config_version);
  if (news.slo != nullptr) {
    (is_burn ? set_burn : set_share)(news, out);
    if (out.expected() > 0) out.set_effect(out.value() / out.expected() - 1);
    out.set_effect_absolute(out.value() - out.expected());
  }
  if (!is_resolved)
    for (const Exemplar& exemplar : exemplars) {
      out.add_exemplars(hex_trace_id(exemplar.trace_id));
      auto* position = out.add_offsets();
      position->set_topic(exemplar.topic);
      position->set_partition(exemplar.partition);
      position->set_offset(exemplar.offset);
    }
  out.set_why(why(entity, news));
  return out;
}

}  // namespace tidewatch
