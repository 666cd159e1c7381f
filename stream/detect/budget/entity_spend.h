#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "detectors/core/bytes.h"
#include "detectors/core/time.h"
#include "detectors/decide/budget/budget.h"
#include "stream/detect/budget/budget_book.h"
#include "stream/detect/budget/spend_track.h"
#include "stream/detect/cells.h"
#include "stream/window/entity.h"

namespace tidewatch {

/// What a budget has to tell of an entity.
struct BudgetNews {
  const CompiledBudget* budget = nullptr;  ///< null: it is gone
  std::string name;
  BudgetEvent event;
};

/// The accounts of one entity: of every budget that applies to it, and of what it spends at all. Each pane is charged
/// once, also where a restart brings it again, and what comes late is charged to the period it belongs to.
class EntitySpend {
 public:
  /// What changed in a pane that closes; nothing where no budget is in the book.
  void charge(const Cells& cells, Timestamp start, Duration pane, const EntityGroup& group, const Labels& labels,
              const BudgetBook& book);
  /// A late partial's cost. `closed_through`: panes that end by then were charged. False: nothing changed, as it was
  /// charged before the restart; else the entity must be saved in the same commit.
  struct LatePartial {
    double usd = 0;
    Timestamp pane_start{};
    int32_t partition = 0;
    int64_t offset = 0;
  };
  bool charge_late(const LatePartial& late, Timestamp closed_through, const EntityGroup& group, const Labels& labels,
                   const BudgetBook& book);
  /// What is to be told at the end of a window. What is returned must be saved in the same commit.
  std::vector<BudgetNews> decide(Timestamp end, const EntityGroup& group, const Labels& labels, const BudgetBook& book);
  /// All panes that end by then were charged.
  void settled(Timestamp through) { settled_ = std::max(settled_, through); }
  /// Another task keeps the accounts from now on: alerts end.
  void hand_over();

  bool is_firing() const;
  bool has_budgets() const { return !accounts_.empty(); }
  const SpendTrack& track() const { return track_; }

  bool empty() const { return accounts_.empty() && !has_track_; }
  size_t memory_bytes() const;
  void save(ByteWriter& out) const;
  bool load(ByteReader& in);

 private:
  struct Account {
    std::string name;
    std::string identity;
    const CompiledBudget* rule = nullptr;  ///< null: its budget is gone
    Budget budget;
  };
  void bind(const EntityGroup& group, const Labels& labels, const BudgetBook& book);

  bool is_bound_ = false;
  bool has_track_ = false;
  std::vector<Account> accounts_;  ///< by name
  SpendTrack track_;
  Timestamp settled_ = kMinTimestamp;
  int32_t late_partition_ = -1;
  int64_t late_offset_ = -1;  ///< of the last late partial that was charged
};

}  // namespace tidewatch
