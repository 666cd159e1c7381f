#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "detectors/core/bytes.h"
#include "detectors/core/time.h"
#include "detectors/decide/slo/slo.h"
#include "stream/detect/cells.h"
#include "stream/detect/slo/slo_book.h"
#include "stream/window/entity.h"

namespace tidewatch {

/// What an SLO has to tell of an entity.
struct SloNews {
  const CompiledSlo* slo = nullptr;  ///< null: it is gone
  std::string name;
  std::string measure;
  SloEvent event;
};

/// The error budgets of one entity, of every SLO that applies to it. Each pane is charged once, also where a restart
/// brings it again, and what comes late counts when it happened.
class EntitySlos {
 public:
  /// What changed in a pane that closes; nothing where no SLO is in the book.
  void charge(const Cells& cells, Timestamp start, Duration pane, const EntityGroup& group, const Labels& labels,
              const SloBook& book);
  /// A late partial. `closed_through`: panes that end by then were charged. False: nothing changed, as it was charged
  /// before the restart; else the entity must be saved in the same commit.
  struct LatePartial {
    const Cells* cells = nullptr;
    Timestamp pane_start{};
    int32_t partition = 0;
    int64_t offset = 0;
  };
  bool charge_late(const LatePartial& late, Timestamp closed_through, const EntityGroup& group, const Labels& labels,
                   const SloBook& book);
  /// What is to be told at the end of a window. What is returned must be saved in the same commit.
  std::vector<SloNews> decide(Timestamp end, const EntityGroup& group, const Labels& labels, const SloBook& book,
                              bool is_expected);
  /// All panes that end by then were charged.
  void settled(Timestamp through) { settled_ = std::max(settled_, through); }
  /// Another task keeps the budgets from now on: alerts end.
  void hand_over();

  bool is_firing() const;
  bool has_slos() const { return !accounts_.empty(); }
  size_t memory_bytes() const;
  void save(ByteWriter& out) const;
  bool load(ByteReader& in);

 private:
  struct Account {
    std::string name;
    std::string identity;
    std::string measure;
    const CompiledSlo* rule = nullptr;  ///< null: its SLO is gone
    Slo slo;
  };
  void bind(const EntityGroup& group, const Labels& labels, const SloBook& book);

  bool is_bound_ = false;
  std::vector<Account> accounts_;  ///< by name
  Timestamp settled_ = kMinTimestamp;
  int32_t late_partition_ = -1;
  int64_t late_offset_ = -1;  ///< of the last late partial that was charged
};

}  // namespace tidewatch
