#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "stream/detect/entity_monitor.h"

namespace tidewatch {

/// What a rule said of one window of an entity, and what an alert would have needed.
struct TracedVerdict {
  Timestamp start{};
  Timestamp end{};
  Judgement judgement = Judgement::missing;
  Direction direction = Direction::either;
  double value = 0;
  double expected = 0;
  double surprise = 0;
  double effect = 0;
  double effect_absolute = 0;
  double n = 0;  ///< observations of the measure that has the fewest
  AlertNeeds needs;
  uint32_t min_count = 1;
  uint32_t for_windows = 1;
  bool is_suppressed = false;
  bool is_expected = false;
  bool is_firing = false;

  /// Smallest share of a need that was reached; 1 and more: an alert had what it needs. 0 when nothing was scored.
  double reached() const;
};

/// Name by which a rule's verdicts are known: the rule's, or "rule/measure" of a rule with a pattern of measures.
using WatchName = std::string;

/// Everything that an engine judged, by rule and entity, until it is forgotten: the answer to why no alert fired.
class VerdictTrace {
 public:
  /// `keeps_verdicts` false: only times are noted.
  explicit VerdictTrace(bool keeps_verdicts) : keeps_verdicts_(keeps_verdicts) {}

  void note(const EntityMonitor& entity, const Judged& judged);

  /// Those whose windows lie at least partly in [from, to], in order; empty when there are none.
  std::vector<TracedVerdict> between(std::string_view entity, std::string_view watch, Timestamp from,
                                     Timestamp to) const;
  /// Forgets windows that ended before `time`.
  void forget(Timestamp time);
  Timestamp newest() const { return newest_; }  ///< end of the latest window of all; kMinTimestamp without any
  /// Event time in which something could have alerted: since the first window that was scored.
  Duration judged() const { return scored_from_ == kMaxTimestamp ? Duration::zero() : newest_ - scored_from_; }

 private:
  bool keeps_verdicts_;
  std::map<std::string, std::map<WatchName, std::deque<TracedVerdict>, std::less<>>, std::less<>> verdicts_;
  Timestamp newest_ = kMinTimestamp;
  Timestamp scored_from_ = kMaxTimestamp;
};

}  // namespace tidewatch
