#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "stream/detect/budget/budget_book.h"
#include "stream/detect/budget/entity_spend.h"
#include "stream/detect/compiled_rule.h"
#include "stream/detect/entity_monitor.h"
#include "stream/detect/expected_events.h"
#include "stream/detect/options.h"
#include "stream/detect/pane_buffer.h"
#include "stream/detect/rollout/rollout_watch.h"
#include "stream/detect/safety/confirmed_cases.h"
#include "stream/detect/slo/entity_slos.h"
#include "stream/detect/slo/slo_book.h"
#include "stream/runtime/stage.h"
#include "stream/window/calendar.h"
#include "stream/window/measures.h"
#include "tidewatch/v1/alert.pb.h"
#include "tidewatch/v1/command.pb.h"
#include "tidewatch/v1/raised.pb.h"

namespace tidewatch {

/// Owns entities with all their measures: reads Stream::partials (by entity), merges them into panes and windows, and
/// when the watermark closes a window scores it, decides, learns. Writes quality_scores, changes, the alerts
/// that it raises (Stream::raised, for Alerting), and one state record per entity (Stream::state) in the same
/// transaction.
///
/// Commands come by the same topic, a copy in every partition, and act when they are read: marks of alerts, which teach
/// their series (TaughtThreshold), and expected events, whose windows are neither decided nor learnt.
///
/// Rollouts are kept beside entities: what their arms' groups showed comes under keys of their own (RolloutKey), and is
/// judged whenever a pane closes.
///
/// Partials of a pane that was closed are late: counted (`late_partials`; `late_requests`, of the first group alone),
/// and not merged; budgets and SLOs are charged with what they cost and count all the same. Of more than `max_entities`
/// the rarest are counted together as `other` (`entities_in_other`, `evicted_entities`), but not while an alert of
/// theirs is open.
///
/// Silence is judged window by window until every entity has been silent for days and no alert is open; then time goes
/// on at once to the next data. The end of all input closes the panes that have data and the windows that end with
/// them.
class Detect final : public Stage {
 public:
  /// Told of everything that is judged, also of what is not published; a tool that asks why no alert fired.
  using Observer = std::function<void(const EntityMonitor& entity, const Judged& judged)>;

  /// Keys of state that is no entity's begin so.
  static constexpr std::string_view kExpectedKey = "expected/";
  static constexpr std::string_view kRolloutKey = "rollout/";

  /// Checks options; the factory of the topology uses a checked copy. Errors: `bad_rule`, `bad_measure`,
  /// `bad_slo`, `bad_time_zone`.
  static Result<std::unique_ptr<Detect>> make(const DetectOptions& options, Observer observer = {});

  void on_record(const Record& record, Effects& out) override;
  void on_watermark(Timestamp watermark, Effects& out) override;
  int64_t needed_from() const override;
  Timestamp output_watermark() const override { return closed_through_; }
  Status restore(std::string_view key, std::string_view value) override;
  void resume(Timestamp watermark) override;

  size_t entities() const { return entities_.size(); }
  size_t memory_bytes() const;

 private:
  Detect(DetectOptions options, Calendar calendar, Observer observer);

  Timestamp boundary(Timestamp watermark) const;
  void on_command(const v1::Command& command, Effects& out);
  Status restore_expected(std::string_view key, std::string_view value);
  static void save(const v1::ExpectedState& expected, Effects& out);
  void forget_expected(Timestamp now, Effects& out);
  Status restore_rollout(std::string_view key, std::string_view value);
  void order_rollout(const v1::Command& command, Effects& out);
  void close_rollouts(Timestamp start, Effects& out);
  void publish(const RolloutWatch& rollout, const RolloutNews& news, Effects& out) const;
  static void save(const RolloutWatch& rollout, Effects& out);
  Timestamp oldest_pane() const;  ///< start; kMaxTimestamp: none is open
  void count_late(const v1::Partial& partial, Effects& out) const;
  /// Money is charged to the period that it was spent in, however late it becomes known, and bad events to theirs.
  void charge_late(const Record& record, const v1::Partial& partial, Effects& out);
  bool is_charged_late(MeasureId measure) const;
  bool charge_late_cost(const Record& record, Timestamp pane_start, const Aggregate& cost, EntityMonitor& entity) const;
  void skip_silence(Timestamp target, Effects& out);
  void close_pane(Timestamp start, Effects& out);
  /// Plain requests count for entities that have others: where a model is never called, none is watched.
  void add_plain(PaneBuffer::Pane& pane, Timestamp start, Effects& out) const;
  EntityMonitor& monitor_of(const std::string& key, const Cells& cells, Timestamp start, Effects& out);
  EntityMonitor& other_of(const std::string& key, Timestamp start, Effects& out);
  EntityMonitors::iterator rarest_entity(Timestamp now);
  void close_windows(Timestamp end, Effects& out);
  /// What the siblings of each entity showed in the windows of `width`; of those alone that have any.
  std::map<const EntityMonitor*, Cells> siblings_in(Duration width);
  void publish_score(const EntityMonitor& entity, const EntityMonitor::Closed& closed, Timestamp end,
                     Effects& out) const;
  /// A transition whose cause is asked for when all windows of its end are closed.
  struct Fired {
    const EntityMonitor* entity;
    Judged judged;
  };
  void raise_alerts(const std::vector<Fired>& fired, Effects& out) const;
  struct Overspent {
    const EntityMonitor* entity;
    BudgetNews news;
    std::vector<Exemplar> exemplars;
  };
  void raise_budgets(const std::vector<Overspent>& overspent, Effects& out) const;
  struct Burning {
    const EntityMonitor* entity;
    SloNews news;
    std::vector<Exemplar> exemplars;
  };
  void raise_slos(const std::vector<Burning>& burning, Effects& out) const;
  /// Once, where an answer is seen most widely: one case is one page.
  bool is_topmost(const EntityMonitor& entity) const;
  /// Raises the unsafe answers that evaluations confirmed; false: there are none.
  bool note_confirmed(EntityMonitor& entity, const Cells& cells, Timestamp start, Timestamp now, Effects& out) const;
  bool note_late_confirmed(const Record& record, Timestamp start, const Cells& cells, EntityMonitor& entity,
                           Effects& out) const;
  void raise_confirmed(const EntityMonitor& entity, const std::vector<ConfirmedNews>& news, Effects& out) const;
  static void raise(const v1::Alert& alert, Effects& out);
  /// Resolves the alerts that the config in force does not know; true when there were any.
  bool resolve_orphans(EntityMonitor& entity, Timestamp end, Effects& out) const;
  void publish_changes(const EntityMonitor& entity, const std::vector<FirstSight>& sights, Effects& out) const;
  void save(const EntityMonitor& entity, Effects& out) const;
  bool is_replayed(Timestamp end) const { return end <= resumed_through_; }
  void forget_silent(Timestamp now, Effects& out);

  DetectOptions options_;
  Calendar calendar_;
  Observer observer_;
  MeasureCatalog catalog_;
  std::unique_ptr<RuleBook> book_;
  ExpectedEvents expected_;
  BudgetBook budgets_;
  RolloutBook rollouts_;
  SloBook slos_;
  std::vector<SafetyEvaluation> safety_evaluations_;
  PaneBuffer panes_;
  PaneBuffer rollout_panes_;  ///< random groups are no entities
  EntityMonitors entities_;
  std::map<Timestamp, int64_t> window_offsets_;  ///< oldest record of panes whose windows are still filling
  Timestamp closed_through_ = kMinTimestamp;
  Timestamp resumed_through_ = kMinTimestamp;  ///< panes that ended by then were closed before the restart
  int32_t partition_ = 0;
};

}  // namespace tidewatch
