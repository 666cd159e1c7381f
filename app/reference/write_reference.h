#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "app/backtest/inputs.h"
#include "app/config/config.h"
#include "detectors/core/result.h"
#include "stream/window/entity.h"

namespace tidewatch {

struct ReferenceRequest {
  Config config;
  BacktestFiles files;
  Labels labels;    ///< take the place of the test set's own: {"service", "shop"} where it ran as shop-eval
  std::string out;  ///< file
};

struct ReferenceReport {
  uint64_t entities = 0;
  double requests = 0;
  uint64_t unreadable = 0;  ///< messages, or parts of them, that were left out
};

/// What a test set showed, for the config key `reference`: its traces go through the same stages as production's, and
/// all panes of an entity become one aggregate by measure. One line of v1.Reference by entity, in the order of their
/// keys. `on_progress` is told the share that was read, [0, 1].
/// Errors: those of make_flow(), `open_failed`, `write_failed`; `bad_data` when no request was found.
Result<ReferenceReport> write_reference(const ReferenceRequest& request,
                                        const std::function<void(double)>& on_progress);

}  // namespace tidewatch
