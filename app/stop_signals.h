#pragma once

#include <csignal>

#include "detectors/core/time.h"

namespace tidewatch {

/// While it lives, SIGINT and SIGTERM come to whoever asks here instead of ending the process. Made before other
/// threads, which inherit it.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();  ///< restores what was before
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// True when one has come, waiting for at most `wait`; each is told once.
  bool arrived(Duration wait = Duration::zero());

 private:
  sigset_t signals_{};
  sigset_t before_{};
};

}  // namespace tidewatch
