#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "detectors/decide/lifecycle.h"
#include "detectors/detect/detector.h"

namespace tidewatch {

/// What was made of one window.
struct Watched {
  Verdict verdict;
  AlertNeeds needs;                      ///< what an alert needed of this window
  Decision decision;                     ///< how the window was learnt
  std::optional<Transition> transition;  ///< of the rule's alert
  bool is_firing = false;                ///< the alert, after this window
};

/// [0, 1]: surprise / (surprise + what an alert needs), so 0.5 is where the budget of false alarms alerts.
double anomaly_score(double surprise, const AlertNeeds& needs);

/// A detector at work on one series, or on several that it judges together: a window is scored, then decided upon by
/// the lifecycle of an alert, then learnt, as in the engine, which also measures surprise against the past of the
/// series (SurpriseCalibration). Here it is what the detector claims. Not thread-safe.
class Watch {
 public:
  explicit Watch(std::unique_ptr<Detector> detector) : detector_(std::move(detector)) {}

  /// The windows in order. `rule.needs` is what the rule asks; the detector may need something else (its
  /// alert_needs()).
  Watched judge(const Window& window, const Context& context, const AlertRule& rule, std::string_view entity_key);

  Detector& detector() { return *detector_; }
  const Detector& detector() const { return *detector_; }
  const AlertLifecycle& lifecycle() const { return lifecycle_; }

  void save(ByteWriter& out) const;
  /// Errors: `unknown_version`, `corrupt`; then nothing may be relied on.
  Status load(ByteReader& in);

 private:
  std::unique_ptr<Detector> detector_;
  AlertLifecycle lifecycle_;
};

}  // namespace tidewatch
