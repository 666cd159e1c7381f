#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "stream/alert/incident_message.h"
#include "stream/alert/open_alert.h"
#include "stream/alert/options.h"
#include "stream/alert/silences.h"
#include "stream/detect/expected_events.h"
#include "stream/runtime/stage.h"
#include "tidewatch/v1/command.pb.h"

namespace tidewatch {

/// What becomes of alerts once detect has raised them: reads Stream::raised (all of it in one partition), writes
/// alerts, alerts_state and incidents. It puts alerts into incidents, marks those of which nobody is to be told
/// (silences, inhibition), lets a ticket that nobody looks after become a page, and does what people command.
///
/// Transitions of detect's tasks are taken in the order of event time when the watermark has passed them, and what
/// happens at one time is settled together, so that neither partitioning nor the order of arrival decides. Commands
/// act when they are read, in the order of the log; one that comes again does nothing, nor does a transition.
///
/// State: one record for each alert (`alert/<id>`) and command (`command/<id>`), for a week after its end, so that
/// people have time to mark what was false; for each silence (`silence/<id>`) and expected event (`expected/<id>`). A
/// restart replays the transitions that still waited for the watermark.
///
/// Counts: alert_transitions and incident_transitions (by kind), commands (by kind), marked_alerts (by verdict),
/// repeated_commands, commands_without_target, bad_commands and bad_raised (dead letters).
class Alerting final : public Stage {
 public:
  explicit Alerting(AlertOptions options);

  void on_record(const Record& record, Effects& out) override;
  void on_watermark(Timestamp watermark, Effects& out) override;
  int64_t needed_from() const override;
  Timestamp output_watermark() const override { return watermark_; }
  Status restore(std::string_view key, std::string_view value) override;
  void resume(Timestamp watermark) override;

 private:
  struct Held {
    v1::Alert alert;
    int64_t offset = 0;
  };
  using HeldKey = std::tuple<Timestamp, std::string, std::string>;  ///< observed_at, alert id, transition

  void obey(const Record& record, const v1::Command& command, Effects& out);
  Status act(const v1::Command& command, Timestamp at, bool& has_target, Effects& out);
  void acknowledge(const v1::Command& command, Timestamp at, bool& has_target);
  void unacknowledge(const v1::Command& command, Timestamp at, bool& has_target);
  Status silence(const v1::Command& command, Timestamp at);
  void mark(const v1::Command& command, Timestamp at, bool& has_target, Effects& out);
  /// Alerts that fire and that a command names by their id or their incident's.
  std::vector<std::string> named(const std::string& alert_id, const std::string& incident_id) const;

  /// Time goes on to `time`: what begins, ends or escalates by then, one moment after the other.
  void pass_time(Timestamp time, Effects& out);
  std::optional<Timestamp> next_moment(Timestamp until) const;
  void take(const v1::Alert& raised);
  bool escalates(const v1::Alert& alert) const;
  void escalate_due(Timestamp now);
  void inherit_acknowledgement(const Incident& incident, OpenAlert& joining) const;
  OpenAlert* find(const std::string& id);  ///< also a past one; null: unknown
  /// Begins a change of an alert: its incident's standing before it, and what it is to be called.
  OpenAlert& change(const std::string& id, std::string transition, Timestamp at);
  /// Ends a moment: who is suppressed now, then everything that changed is published and saved. `stamp`: when it
  /// happened.
  void settle(Timestamp stamp, Effects& out);
  void suppress(Timestamp stamp);
  void forget(Timestamp now, Effects& out);
  void forget_commands(Timestamp now, Effects& out);
  const std::string& runbook_of(const v1::Alert& alert) const;

  AlertOptions options_;
  IncidentBook book_;
  OpenAlerts alerts_;  ///< of incidents that go on, or may go on
  OpenAlerts past_;    ///< of those that are forgotten, for a week
  Silences silences_;
  ExpectedEvents expected_;                                 ///< for those who list them; detect acts on its own copy
  std::map<std::string, Timestamp, std::less<>> commands_;  ///< when those that have acted were given, by id
  std::map<HeldKey, Held> held_;
  Timestamp watermark_ = kMinTimestamp;
  Timestamp now_ = kMinTimestamp;  ///< how far time has been passed

  /// Of the moment that is being settled.
  std::map<std::string, std::string> changed_alerts_;  ///< transition by alert id; empty: only the state changed
  std::map<std::string, IncidentStanding> changed_incidents_;  ///< as they stood before
  std::set<std::string> changed_silences_;
  std::set<std::string> changed_events_;
};

}  // namespace tidewatch
