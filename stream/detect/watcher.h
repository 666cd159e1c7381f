#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "detectors/decide/lifecycle.h"
#include "detectors/detect/detector.h"
#include "stream/detect/cells.h"
#include "stream/detect/compiled_rule.h"

namespace tidewatch {

/// What one window said under one rule.
struct Judged {
  const CompiledRule* rule = nullptr;
  Verdict verdict;
  std::vector<Observation> observations;  ///< one by measure of the rule
  std::optional<Transition> transition;
};

/// One rule at work on one entity: its detector and the lifecycle of its alert.
class Watcher {
 public:
  explicit Watcher(const CompiledRule& rule) : rule_(&rule), detector_(rule.make_detector()) {}

  /// Scores a window, decides, learns it. `is_suppressed`: telemetry is missing, so quality cannot be judged.
  Judged judge(const Cells& cells, Timestamp start, SeasonSlot season, std::string_view entity_key, bool is_suppressed);

  const CompiledRule& rule() const { return *rule_; }
  bool is_idle() const { return lifecycle_.is_idle(); }
  bool is_firing() const { return lifecycle_.is_firing(); }
  size_t memory_bytes() const { return sizeof(Watcher) + detector_->memory_bytes(); }
  void save(ByteWriter& out) const;
  Status load(ByteReader& in);

 private:
  const CompiledRule* rule_;
  std::unique_ptr<Detector> detector_;
  AlertLifecycle lifecycle_;
};

}  // namespace tidewatch
