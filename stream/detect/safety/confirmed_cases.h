#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "detectors/core/bytes.h"
#include "detectors/core/time.h"
#include "detectors/sketch/exemplar.h"
#include "stream/detect/cells.h"
#include "stream/window/measures.h"

namespace tidewatch {

/// Evaluations that look for unsafe answers, with the measures that count who passed.
struct SafetyEvaluation {
  std::string name;
  MeasureId passed = 0;
};

/// An evaluation found an unsafe answer, or has found none for an hour.
struct ConfirmedNews {
  std::string evaluation;
  bool is_resolved = false;
  Timestamp starts_at{};    ///< start of the pane of the first case
  Timestamp last{};         ///< end of that of the latest
  Timestamp observed_at{};  ///< when it was known
  double failed = 0;        ///< of those evaluated in the pane of the first case
  double evaluated = 0;
  std::vector<Exemplar> exemplars{};  ///< the answers
};

/// Unsafe answers of one entity that an evaluation confirmed. The first is told when its pane closes, or when it comes
/// late: no window is waited for, nothing is compared and nothing expected holds it back. Others within an hour of the
/// last belong to the same alert. A pure state machine.
class ConfirmedCases {
 public:
  /// What the evaluations of a pane found. Pre: the pane was not noted before.
  std::vector<ConfirmedNews> note(const Cells& cells, Timestamp start, Duration pane, Timestamp now,
                                  const std::vector<SafetyEvaluation>& evaluations);
  /// Whether a late record is to be noted: not if that was done before a restart. The entity must be saved in the same
  /// commit.
  bool takes_late(int32_t partition, int64_t offset);
  std::vector<ConfirmedNews> decide(Timestamp end);

  bool is_firing() const { return !cases_.empty(); }
  bool empty() const { return cases_.empty() && late_offset_ < 0; }
  size_t memory_bytes() const { return cases_.capacity() * sizeof(Case); }  ///< beside itself
  void save(ByteWriter& out) const;
  bool load(ByteReader& in);

 private:
  struct Case {
    std::string evaluation;
    Timestamp starts_at{};
    Timestamp last{};
  };
  std::vector<Case> cases_;
  int32_t late_partition_ = -1;
  int64_t late_offset_ = -1;  ///< of the last late record that was noted
};

}  // namespace tidewatch
