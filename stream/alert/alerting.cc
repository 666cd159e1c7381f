#include "stream/alert/alerting.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "detectors/decide/wording.h"
#include "stream/alert/inhibition.h"
#include "stream/alert/mark.h"
#include "stream/alert/published.h"
#include "stream/alert/state_keys.h"
#include "stream/detect/budget/budget_alert.h"
#include "stream/detect/slo/slo_alert.h"
#include "stream/publish/encoder.h"
#include "stream/publish/timestamps.h"

namespace tidewatch {
namespace {

using std::chrono::hours;

/// A command that is sent again later than this acts again.
constexpr Duration kCommandMemory = hours(24 * 7);
/// So long after its end a person can still mark an alert.
constexpr Duration kAlertMemory = hours(24 * 7);
/// So long after its end a silence, or an expected event, can still be named.
constexpr Duration kSilenceMemory = hours(24);

template <typename Message>
Status read_state(std::string_view key, std::string_view value, Message& out) {
  if (out.ParseFromArray(value.data(), static_cast<int>(value.size()))) return ok_status();
  return Error{"corrupt", fmt::format("state of \"{}\" is no {}", key, out.GetTypeName())};
}

}  // namespace

Alerting::Alerting(AlertOptions options) : options_(std::move(options)), book_(options_.incidents) {}

Status Alerting::restore(std::string_view key, std::string_view value) {
  const auto is = [&](std::string_view kind) { return key.starts_with(kind); };
  if (is(kAlertKey)) {
    v1::AlertState state;
    if (auto read = read_state(key, value, state); !read) return read;
    OpenAlert alert = OpenAlert::load(std::move(state));
    const std::string id = alert.published.id();
    if (!alert.is_past)
      book_.restore(to_incident_alert(alert.published), alert.published.incident_id(), alert.resolved_at);
    (alert.is_past ? past_ : alerts_).insert_or_assign(id, std::move(alert));
    return ok_status();
  }
  if (is(kSilenceKey)) {
    v1::SilenceState state;
    if (auto read = read_state(key, value, state); !read) return read;
    return silences_.put(std::move(state));
  }
  if (is(kExpectedKey)) {
    v1::ExpectedState state;
    if (auto read = read_state(key, value, state); !read) return read;
    return expected_.put(std::move(state));
  }
  if (is(kCommandKey)) {
    google::protobuf::Timestamp at;
    if (auto read = read_state(key, value, at); !read) return read;
    commands_.insert_or_assign(std::string(key.substr(kCommandKey.size())), from_proto(at));
    return ok_status();
  }
  return Error{"corrupt", fmt::format("\"{}\" is no state of the stage alert", key)};
}

void Alerting::resume(Timestamp watermark) { now_ = watermark == kMaxTimestamp ? kMinTimestamp : watermark; }

void Alerting::on_record(const Record& record, Effects& out) {
  v1::Raised raised;
  if (!raised.ParseFromArray(record.value.data(), static_cast<int>(record.value.size())) ||
      raised.what_case() == v1::Raised::WHAT_NOT_SET || (raised.has_alert() && raised.alert().id().empty())) {
    out.count("bad_raised");
    return out.dead_letter(record, {"bad_raised", "the record is no alert of detect and no command"}, record.value);
  }
  if (raised.has_command()) return obey(record, raised.command(), out);
  v1::Alert& alert = *raised.mutable_alert();
  const HeldKey key{from_proto(alert.observed_at()), alert.id(), alert.transition()};
  held_.try_emplace(key, Held{std::move(alert), record.offset});
}

void Alerting::on_watermark(Timestamp watermark, Effects& out) {
  watermark_ = std::max(watermark_, watermark);
  while (!held_.empty() && std::get<0>(held_.begin()->first) <= watermark_) {
    const Timestamp moment = std::get<0>(held_.begin()->first);
    pass_time(moment, out);
    while (!held_.empty() && std::get<0>(held_.begin()->first) == moment) {
      take(held_.begin()->second.alert);
      held_.erase(held_.begin());
    }
    settle(std::max(moment, now_), out);
  }
  // The end of all input is no time: nothing escalates after it.
  if (watermark_ != kMaxTimestamp && watermark_ != kMinTimestamp) pass_time(watermark_, out);
}

std::optional<Timestamp> Alerting::next_moment(Timestamp until) const {
  std::optional<Timestamp> out = silences_.next_change(now_);
  for (const auto& [id, alert] : alerts_)
    if (alert.page_at && alert.is_firing() && (!out || *alert.page_at < *out)) out = alert.page_at;
  return out && *out <= until ? out : std::nullopt;
}

void Alerting::pass_time(Timestamp time, Effects& out) {
  if (time <= now_) return;
  while (const auto moment = next_moment(time)) {
    now_ = std::max(now_, *moment);
    escalate_due(now_);
    settle(now_, out);
  }
  now_ = time;
  forget(now_, out);
}

void Alerting::escalate_due(Timestamp now) {
  for (auto& [id, alert] : alerts_) {
    if (!alert.page_at || *alert.page_at > now || !alert.is_firing()) continue;
    change(id, "escalated", now).published.set_severity("page");
    alert.page_at.reset();
    auto& why = *alert.published.mutable_why();
    why += fmt::format(" It has fired for {} and nobody has acknowledged it.",
                       format_length(now - from_proto(alert.published.starts_at())));
    book_.add(to_incident_alert(alert.published));
  }
}

OpenAlert* Alerting::find(const std::string& id) {
  for (OpenAlerts* known : {&alerts_, &past_})
    if (const auto found = known->find(id); found != known->end()) return &found->second;
  return nullptr;
}

OpenAlert& Alerting::change(const std::string& id, std::string transition, Timestamp at) {
  OpenAlert& alert = *find(id);
  if (const Incident* incident = book_.of_alert(id))
    changed_incidents_.try_emplace(incident->id, standing_of(*incident, alerts_));
  if (!transition.empty()) {
    alert.published.set_transition(transition);
    *alert.published.mutable_observed_at() = to_proto(at);
  }
  changed_alerts_.insert_or_assign(id, std::move(transition));
  return alert;
}

/// Nobody has looked into it so far. Budgets and SLOs say themselves what pages, and stay open until the period is over
/// or the budget recovers.
bool Alerting::escalates(const v1::Alert& alert) const {
  return options_.escalate_after && alert.severity() == "ticket" && !alert.has_acknowledged() && !alert.has_mark() &&
         alert.kind() != kBudgetKind && alert.kind() != kSloKind && alert.kind() != kSloBudgetKind;
}

void Alerting::take(const v1::Alert& raised) {
  const Timestamp at = from_proto(raised.observed_at());
  const bool is_firing = raised.state() == "firing";
  if (auto past = past_.find(raised.id()); past != past_.end() && is_firing && at > past->second.raised_at)
    alerts_.insert(past_.extract(past)).position->second.is_past = false;  // it goes on, in an incident of its own
  const auto known = alerts_.find(raised.id());
  if (known != alerts_.end() && at <= known->second.raised_at) return;  // a replay
  if (const Incident* incident = book_.of_alert(raised.id()))
    changed_incidents_.try_emplace(incident->id, standing_of(*incident, alerts_));
  // A replay, too, or its incident was forgotten with it: nobody waits for this.
  if (known == alerts_.end() && (!is_firing || past_.contains(raised.id()))) return;
  OpenAlert& alert = alerts_[raised.id()];
  const v1::Alert before = std::exchange(alert.published, raised);
  const bool has_escalated = before.severity() == "page" && alert.raised_severity == "ticket";
  alert.raised_severity = raised.severity();
  alert.raised_at = at;
  if (has_escalated) alert.published.set_severity("page");
  if (before.has_acknowledged()) *alert.published.mutable_acknowledged() = before.acknowledged();
  if (before.has_mark()) *alert.published.mutable_mark() = before.mark();
  *alert.published.mutable_suppressed_by() = before.suppressed_by();
  alert.published.set_runbook(runbook_of(alert.published));
  changed_alerts_.insert_or_assign(raised.id(), raised.transition());
  if (!is_firing) {
    alert.published.set_incident_id(before.incident_id());
    alert.resolved_at = at;
    alert.page_at.reset();
    book_.resolve(to_incident_alert(alert.published), at);
    return;
  }
  alert.resolved_at.reset();
  const IncidentAlert placed = to_incident_alert(alert.published);
  const std::string place = book_.place(placed);
  const Incident* const joined = book_.find(place);
  changed_incidents_.try_emplace(place, joined == nullptr ? IncidentStanding{} : standing_of(*joined, alerts_));
  if (joined != nullptr && before.id().empty()) inherit_acknowledgement(*joined, alert);
  alert.published.set_incident_id(book_.add(placed).id);
  if (!escalates(alert.published))
    alert.page_at.reset();
  else if (!alert.page_at)
    alert.page_at = at + *options_.escalate_after;
}

/// Who looks after an incident looks after what joins it, unless that is worse than what there was.
void Alerting::inherit_acknowledgement(const Incident& incident, OpenAlert& joining) const {
  if (to_incident_alert(joining.published).severity > incident.severity()) return;
  for (const auto& [id, member] : incident.members) {
    const OpenAlert& other = alerts_.find(id)->second;
    if (!other.is_firing() || !other.is_acknowledged_by_incident) continue;
    *joining.published.mutable_acknowledged() = other.published.acknowledged();
    joining.is_acknowledged_by_incident = true;
    return;
  }
}

const std::string& Alerting::runbook_of(const v1::Alert& alert) const {
  static const std::string kNone;
  for (const Runbook& runbook : options_.runbooks)
    if (fit(runbook.match, alert)) return runbook.url;
  return kNone;
}

void Alerting::suppress(Timestamp stamp) {
  std::vector<const v1::Alert*> firing;
  for (const auto& [id, alert] : alerts_)
    if (alert.is_firing()) firing.push_back(&alert.published);
  for (auto& [id, alert] : alerts_) {
    if (!alert.is_firing()) continue;
    auto found = silences_.suppressing(alert.published, now_);
    if (auto marked = suppressed_by_mark(alert.published)) found.push_back(std::move(*marked));
    for (auto& inhibited : inhibiting(alert.published, firing, options_.inhibit)) found.push_back(std::move(inhibited));
    const auto& before = alert.published.suppressed_by();
    const bool is_same = std::equal(
        found.begin(), found.end(), before.begin(), before.end(),
        [](const auto& a, const auto& b) { return a.kind() == b.kind() && a.id() == b.id() && a.why() == b.why(); });
    if (is_same) continue;
    const bool was_suppressed = !before.empty();
    // What is told of it anyway says so itself; else this is what happened.
    if (!changed_alerts_.contains(id)) {
      const bool is_turned = was_suppressed == found.empty();
      change(id, !is_turned ? "" : found.empty() ? "unsuppressed" : "suppressed", stamp);
    }
    alert.published.mutable_suppressed_by()->Assign(found.begin(), found.end());
  }
}

void Alerting::settle(Timestamp stamp, Effects& out) {
  suppress(stamp);
  for (const auto& [id, transition] : changed_alerts_) {
    const OpenAlert& alert = *find(id);
    if (!transition.empty()) publish_alert(alert.published, options_.format, out);
    out.emit(Stream::state, key_of(kAlertKey, id), encode(alert.save(), WireFormat::protobuf));
  }
  for (const auto& [id, before] : changed_incidents_) {
    const Incident& incident = *book_.find(id);
    std::string transition = incident_transition(before, standing_of(incident, alerts_));
    if (!transition.empty())
      publish_incident(incident_message(incident, alerts_, std::move(transition), stamp), options_.format, out);
  }
  for (const auto& id : changed_silences_)
    out.emit(Stream::state, key_of(kSilenceKey, id), encode(silences_.find(id)->state, WireFormat::protobuf));
  for (const auto& id : changed_events_)
    out.emit(Stream::state, key_of(kExpectedKey, id), encode(*expected_.find(id), WireFormat::protobuf));
  changed_events_.clear();
  changed_alerts_.clear();
  changed_incidents_.clear();
  changed_silences_.clear();
}

void Alerting::forget(Timestamp now, Effects& out) {
  // A restart replays from the oldest transition that waits; what it brings again has to be known.
  if (!held_.empty()) return;
  for (const auto& id : book_.forget(now)) {
    OpenAlert& alert = past_.insert(alerts_.extract(id)).position->second;
    alert.is_past = true;
    out.emit(Stream::state, key_of(kAlertKey, id), encode(alert.save(), WireFormat::protobuf));
  }
  const Timestamp oldest = saturating_minus(now, kAlertMemory);
  for (auto at = past_.begin(); at != past_.end();) {
    const auto past = at++;
    if (past->second.resolved_at && *past->second.resolved_at >= oldest) continue;
    out.emit(Stream::state, key_of(kAlertKey, past->first), {});
    past_.erase(past);
  }
  for (const auto& id : silences_.forget(saturating_minus(now, kSilenceMemory)))
    out.emit(Stream::state, key_of(kSilenceKey, id), {});
  for (const auto& id : expected_.forget(saturating_minus(now, kSilenceMemory)))
    out.emit(Stream::state, key_of(kExpectedKey, id), {});
  forget_commands(now, out);
}

void Alerting::forget_commands(Timestamp now, Effects& out) {
  const Timestamp oldest = saturating_minus(now, kCommandMemory);
  for (auto at = commands_.begin(); at != commands_.end();) {
    const auto command = at++;
    if (command->second >= oldest) continue;
    out.emit(Stream::state, key_of(kCommandKey, command->first), {});
    commands_.erase(command);
  }
}

int64_t Alerting::needed_from() const {
  int64_t out = kNothingNeeded;
  for (const auto& [key, held] : held_) out = std::min(out, held.offset);
  return out;
}

}  // namespace tidewatch
