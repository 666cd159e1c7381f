#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "app/config/config.h"
#include "app/doctor/check.h"
#include "app/doctor/topic_plan.h"

namespace tidewatch::doctor {

struct Options {
  std::optional<FixOptions> fix;                ///< nothing: the cluster is only looked at
  int64_t messages = 200;                       ///< of each input topic that are looked at; 0: none
  Duration timeout = std::chrono::seconds(10);  ///< of each question to the brokers
};

/// Looks at the cluster of a config, at what this user may do, and at what arrives there. Writes nothing but what
/// `options.fix` asks for.
/// Errors: `broker_unavailable`, `not_authorized` of the cluster as a whole, `bad_config`, `bad_dialect`.
Result<Checks> examine(const Config& config, const Options& options);

}  // namespace tidewatch::doctor
