#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "detectors/decide/lifecycle.h"
#include "detectors/decide/surprise_calibration.h"
#include "detectors/decide/taught_threshold.h"
#include "detectors/detect/detector.h"
#include "stream/detect/cells.h"
#include "stream/detect/compiled_rule.h"
#include "stream/detect/gathered.h"

namespace tidewatch {

/// A baseline of a relative with a past, for a watcher without one.
struct Loan {
  std::string from;  ///< key of the relative
  const Baseline* baseline = nullptr;
  double variance_between = 0;  ///< of levels of relatives around it, on the baseline's scale
};

/// Whose past a window was judged by, while there is too little of its own.
struct Borrowed {
  std::string from;  ///< key of the relative
  uint32_t own_windows = 0;
};

/// What one window said under one rule.
struct Judged {
  const CompiledRule* rule = nullptr;
  Timestamp start{};  ///< of what was judged: the window, or the first of those that were gathered
  Timestamp end{};
  Verdict verdict;                        ///< surprise as the watcher's own past bears it out
  AlertNeeds needs;                       ///< what an alert needed of this window
  bool is_suppressed = false;             ///< telemetry was missing: nothing could be concluded
  bool is_expected = false;               ///< it was said beforehand: neither decided nor learnt
  bool is_firing = false;                 ///< the alert is open after this window
  std::vector<Observation> observations;  ///< one by measure of the rule
  std::optional<Borrowed> borrowed;
  std::optional<Transition> transition;
  std::vector<Exemplar> exemplars;  ///< of the measure that the verdict speaks of; with a transition only
};

/// A window as an entity showed it.
struct EntityWindow {
  const Cells* cells = nullptr;
  const Cells* siblings = nullptr;  ///< what its siblings showed of measures that are compared
  Timestamp start{};
  SeasonSlot season;
  bool is_expected = false;  ///< people said beforehand that it would be unusual
};

/// One rule at work on one entity: its detector, what that one's surprise is worth, the lifecycle of its alert, and the
/// windows that wait for more data.
///
/// A window in which a measure has fewer than `min_count` observations is not judged by itself: it is merged with those
/// that follow until there are enough, and all of them are judged and learnt as one window (`gathering` until then; a
/// firing alert stays). Windows without data, or without all of it (`is_suppressed`), are not gathered.
///
/// A window that people expected to be unusual is scored, and that is all: nothing fires, ends, or is learnt by it.
class Watcher {
 public:
  /// `reference`: what a test set showed of each measure, for a rule that compares with it.
  explicit Watcher(const CompiledRule& rule, std::vector<Observation> reference = {})
      : rule_(&rule), reference_(std::move(reference)), detector_(rule.make_detector()) {}

  /// Scores a window, decides, learns it. `is_suppressed`: telemetry is missing, so quality cannot be judged.
  Judged judge(const EntityWindow& given, std::string_view entity_key, bool is_suppressed);

  /// A person looked into an alert of its; false: it knows no such alert, or its surprise is no chance to learn from
  /// (limits that people set themselves).
  bool mark(std::string_view alert_id, MarkVerdict finding, Timestamp at);

  /// Pre: nothing was judged yet.
  void borrow(const Loan& loan);
  const Baseline* lent() const { return detector_->lent(); }  ///< what a relative may borrow; null: nothing

  const CompiledRule& rule() const { return *rule_; }
  const AlertLifecycle& lifecycle() const { return lifecycle_; }
  bool is_idle() const { return lifecycle_.is_idle(); }
  bool is_firing() const { return lifecycle_.is_firing(); }
  size_t memory_bytes() const {
    return sizeof(Watcher) + reference_.capacity() * sizeof(Observation) + detector_->memory_bytes() +
           gathered_.memory_bytes() + (taught_ ? sizeof(TaughtThreshold) + taught_->memory_bytes() : 0) +
           (lender_ ? sizeof(std::string) + lender_->capacity() : 0);
  }
  /// Of the detector, its calibration and the windows gathered; the lifecycle outlives the rule and is saved apart.
  void save(ByteWriter& out) const;
  Status load(ByteReader& in, const AlertLifecycle& lifecycle);

 private:
  bool gathers(const Judged& judged, bool is_suppressed) const;
  void decide(const Window& window, std::string_view entity_key, Judged& out);

  const CompiledRule* rule_;
  std::vector<Observation> reference_;
  std::unique_ptr<Detector> detector_;
  SurpriseCalibration calibration_;
  AlertLifecycle lifecycle_;
  Gathered gathered_;
  std::unique_ptr<TaughtThreshold> taught_;    ///< null: it never alerted
  std::unique_ptr<const std::string> lender_;  ///< key of the relative; null: its own past is enough
};

}  // namespace tidewatch
