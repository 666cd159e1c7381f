#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "detectors/core/time.h"
#include "stream/detect/budget/entity_spend.h"
#include "stream/detect/cause/recent_past.h"
#include "stream/detect/cells.h"
#include "stream/detect/compiled_rule.h"
#include "stream/detect/known_values.h"
#include "stream/detect/orphaned_alert.h"
#include "stream/detect/safety/confirmed_cases.h"
#include "stream/detect/slo/entity_slos.h"
#include "stream/detect/watcher.h"
#include "stream/window/entity.h"

namespace tidewatch {

class Relatives;

/// What the relatives of an entity have to say of a window that ends.
struct Kin {
  const Cells* siblings = nullptr;     ///< what its siblings showed in it (Families)
  const Relatives* lenders = nullptr;  ///< of a baseline, where it has none; null: nothing is borrowed
};

/// Everything kept of one entity: the windows that are filling, its watchers, the label values it has shown.
/// Long-lived state is saved with the end of what was learnt, so that a replayed pane is never learnt twice.
class EntityMonitor {
 public:
  /// `key`: made by entity_key(). `created`: start of the first pane.
  EntityMonitor(std::string key, Timestamp created);

  const std::string& key() const { return key_; }
  const Labels& labels() const { return labels_; }
  const EntityGroup& group() const { return group_; }

  /// Merges a closed pane into the windows of each width; once for each pane. Says what was first seen in it; nothing
  /// during the first `settling` of an entity's life, when everything is new.
  std::vector<FirstSight> add_pane(const Cells& cells, Timestamp start, Duration pane, Duration settling,
                                   const std::vector<Duration>& widths);
  /// The same without weight and sights: of an entity that stands for others, and is never evicted.
  void merge_pane(const Cells& cells, Timestamp start, Duration pane, const std::vector<Duration>& widths);
  /// Takes over what another entity had in its open windows.
  void take_windows(EntityMonitor& from);
  /// The window of `width` that was filling ends unjudged: it was judged before the restart.
  void drop_window(Duration width) { windows_.erase(width); }

  /// The window of `width` that ends at `end`, judged by every rule of that width; its cells are handed out. Nothing is
  /// judged when the window was learnt before, or when it is empty and the entity has been silent for long.
  /// `is_expected`: people said beforehand that it would be unusual; then safety alone is decided.
  struct Closed {
    Cells cells;
    std::vector<Judged> judged;
    bool is_judged = false;
  };
  Closed close(Timestamp end, Duration width, RuleBook& book, SeasonSlot season, const Kin& kin, bool is_expected);
  /// A person looked into an alert of its; false: no rule of its knows it.
  bool mark(std::string_view alert_id, MarkVerdict finding, Timestamp at);
  size_t series() const { return watchers_.size(); }            ///< rules that watch it
  const Watcher* find_watcher(const CompiledRule& rule) const;  ///< null: of a measure that it never showed
  const Cells* window(Duration width) const;                    ///< that is filling; null when it is empty
  void remember(const Cells& window, Timestamp start, Timestamp end) { past_.add(window, start, end); }
  /// What it spends, and its budgets.
  EntitySpend& spend() { return spend_; }
  const EntitySpend& spend() const { return spend_; }
  /// Its error budgets.
  EntitySlos& slos() { return slos_; }
  const EntitySlos& slos() const { return slos_; }
  ConfirmedCases& confirmed() { return confirmed_; }
  const RecentPast& past() const { return past_; }  ///< of the windows that were remembered
  void learnt(Timestamp through);                   ///< all windows that end by then are closed
  Timestamp learnt_through() const { return learnt_through_; }
  Timestamp created() const { return created_; }
  /// Whether an empty window that ends at `end` is left unjudged: after days of silence, unless an alert is open.
  bool is_dormant(Timestamp end) const;
  /// Alerts whose rule is gone, resolved: each once. What is returned must be saved in the same commit.
  std::vector<Retired> retire_orphans(Timestamp end);
  /// Another task judges it from now on: watchers end, alerts that fire are left for retire_orphans().
  void hand_over();
  bool is_filling() const { return !windows_.empty(); }
  bool is_firing() const;  ///< an alert of it is open

  std::vector<FirstSight> recent_sights(Timestamp from, Timestamp through) const {
    return known_.recent(from, through);
  }
  Timestamp last_data() const { return last_data_; }
  /// Requests by pane, forgotten with a half-life of a day: who stays when there are too many.
  double weight(Timestamp now) const;
  /// What a test set showed of this entity, or of the nearest one that it is part of; null: nothing. For watchers and
  /// messages; compositions and volumes are not asked for.
  const Aggregate* reference_of(MeasureId measure) const;
  size_t memory_bytes() const;

  std::string save() const;
  /// Watchers of rules that are gone, that watch something else now, or no entity of this group, are left out; of those
  /// the alerts that are firing are kept for retire_orphans(). Errors: `unknown_version`,
  /// `corrupt`.
  Status load(std::string_view bytes, RuleBook& book, MeasureCatalog& catalog);

 private:
  Watcher& watcher(const CompiledRule& rule, const Relatives* lenders);
  std::unique_ptr<Watcher> make_watcher(const CompiledRule& rule) const;
  void look_up_reference(const RuleBook& book);

  std::string key_;
  Labels labels_;
  EntityGroup group_;
  std::optional<std::vector<const ReferenceSet::Entry*>> reference_;  ///< looked up when it is first needed
  std::map<Duration, Cells> windows_;                                 ///< filling, by width
  std::vector<std::unique_ptr<Watcher>> watchers_;
  std::vector<OrphanedAlert> orphans_;
  KnownValues known_;
  RecentPast past_;
  EntitySpend spend_;
  EntitySlos slos_;
  ConfirmedCases confirmed_;
  Timestamp created_;
  Timestamp learnt_through_;   ///< windows that end by then were judged, or were not this entity's
  Timestamp counted_through_;  ///< panes that end by then are in the weight and among the known values
  Timestamp last_data_;
  double weight_ = 0;
  Timestamp weight_at_;
};

using EntityMonitors = std::map<std::string, std::unique_ptr<EntityMonitor>>;  ///< by key

}  // namespace tidewatch
