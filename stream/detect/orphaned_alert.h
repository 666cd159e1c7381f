#pragma once

#include <string>

#include "detectors/core/bytes.h"
#include "detectors/core/time.h"
#include "detectors/decide/lifecycle.h"
#include "stream/detect/compiled_rule.h"

namespace tidewatch {

/// What must be known of an alert to resolve it when its rule is gone.
struct AlertDescription {
  std::string name;      ///< of the alert: part of its id
  std::string rule;      ///< of the config that is gone
  std::string detector;  ///< its kind
  std::string measure;   ///< watched name; of several the first
  Duration window{};

  void save(ByteWriter& out) const;
  bool load(ByteReader& in);  ///< false when what was read is cut off
};

AlertDescription describe_alert(const CompiledRule& rule);

/// An alert that fires although nobody judges it any more: a config without its rule was loaded, or one in which the
/// rule watches other measures, other entities, or by other parameters.
struct OrphanedAlert {
  AlertDescription about;
  AlertLifecycle lifecycle;
};

/// The end of such an alert.
struct Retired {
  AlertDescription about;
  Transition transition;
};

}  // namespace tidewatch
