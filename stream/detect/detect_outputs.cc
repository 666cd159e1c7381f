#include <fmt/format.h>

#include "detectors/decide/cause/cause.h"
#include "stream/detect/budget/budget_alert.h"
#include "stream/detect/budget/spend_drivers.h"
#include "stream/detect/cause/cause_evidence.h"
#include "stream/detect/cause/colocated.h"
#include "stream/detect/detect.h"
#include "stream/detect/messages.h"
#include "stream/detect/safety/confirmed_alert.h"
#include "stream/detect/slo/slo_alert.h"
#include "stream/publish/encoder.h"
#include "stream/window/colocation.h"
#include "tidewatch/v1/raised.pb.h"
#include "tidewatch/v1/state.pb.h"

// What Detect writes: scores, alerts, changes, state.

namespace tidewatch {

bool Detect::resolve_orphans(EntityMonitor& entity, Timestamp end, Effects& out) const {
  const auto retired = entity.retire_orphans(end);
  for (const Retired& alert : retired)
    if (!options_.is_shadow) raise(retired_message(entity, alert, catalog_, options_), out);
  return !retired.empty();
}

void Detect::publish_score(const EntityMonitor& entity, const EntityMonitor::Closed& closed, Timestamp end,
                           Effects& out) const {
  if (closed.cells.empty()) return;
  const auto score = score_message(entity, closed, end, catalog_, options_);
  out.emit(Stream::quality_scores, entity.key(), encode(score, options_.format));
  out.count("quality_scores");
}

void Detect::raise_alerts(const std::vector<Fired>& fired, Effects& out) const {
  if (options_.is_shadow || fired.empty()) return;
  const Colocated colocated(entities_, options_.colocate);
  for (const Fired& one : fired) {
    std::optional<Cause> cause;
    if (one.judged.transition->kind != Transition::Kind::resolved)
      cause = likeliest_cause(cause_evidence(*one.entity, one.judged, colocated, catalog_, options_));
    raise(alert_message(*one.entity, one.judged, cause, catalog_, options_), out);
  }
}

void Detect::raise_budgets(const std::vector<Overspent>& overspent, Effects& out) const {
  if (options_.is_shadow || overspent.empty()) return;
  const Colocated colocated(entities_, options_.colocate);
  for (const Overspent& one : overspent) {
    std::string drivers;
    if (!one.news.event.is_resolved) drivers = spend_drivers(*one.entity, colocated, one.news.event.observed_at);
    raise(budget_alert(*one.entity, one.news, drivers, one.exemplars, options_), out);
  }
}

void Detect::raise_slos(const std::vector<Burning>& burning, Effects& out) const {
  if (options_.is_shadow) return;
  for (const Burning& one : burning) raise(slo_alert(*one.entity, one.news, one.exemplars, options_), out);
}

bool Detect::is_topmost(const EntityMonitor& entity) const {
  if (options_.entities.empty()) return false;
  EntityGroup group = entity.group();
  if (PaneBuffer::is_other(entity.key())) group.pop_back();
  return group == options_.entities.front();
}

bool Detect::note_confirmed(EntityMonitor& entity, const Cells& cells, Timestamp start, Timestamp now,
                            Effects& out) const {
  const bool was_firing = entity.confirmed().is_firing();
  const auto news = entity.confirmed().note(cells, start, options_.pane, now, safety_evaluations_);
  raise_confirmed(entity, news, out);
  return was_firing || !news.empty();
}

void Detect::raise_confirmed(const EntityMonitor& entity, const std::vector<ConfirmedNews>& news, Effects& out) const {
  if (options_.is_shadow) return;
  for (const ConfirmedNews& one : news) raise(confirmed_alert(entity, one, options_), out);
}

void Detect::raise(const v1::Alert& alert, Effects& out) {
  v1::Raised raised;
  *raised.mutable_alert() = alert;
  out.emit(Stream::raised, alert.id(), encode(raised, WireFormat::protobuf));
  out.count("raised_alerts", alert.transition());
}

void Detect::publish_changes(const EntityMonitor& entity, const std::vector<FirstSight>& sights, Effects& out) const {
  // Once, where it is seen most widely; narrower entities keep it for their alerts.
  if (options_.is_shadow || options_.entities.empty() || entity.group() != options_.entities.front()) return;
  for (const FirstSight& sight : sights) {
    out.emit(Stream::changes, fmt::format("{}={}", sight.label, sight.value),
             encode(change_message(entity, sight), options_.format));
    out.count("changes", sight.label);
  }
}

void Detect::save(const EntityMonitor& entity, Effects& out) const {
  v1::EntityState state;
  for (const auto& [name, value] : entity.labels()) {
    auto* label = state.add_entity();
    label->set_name(name);
    label->set_value(value);
  }
  state.set_learnt_through_unix_nano(entity.learnt_through().time_since_epoch().count());
  state.set_state(entity.save());
  state.set_placement(colocation_key(options_.colocate, entity.key()));
  state.set_series(static_cast<uint32_t>(entity.series()));
  out.emit(Stream::state, entity.key(), state.SerializeAsString());
}

}  // namespace tidewatch
