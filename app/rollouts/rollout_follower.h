#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "app/config/config.h"
#include "app/rollouts/rollout_gates.h"
#include "detectors/core/result.h"
#include "stream/runtime/http_endpoint.h"

namespace tidewatch {

/// Follows `tidewatch.rollouts` in a thread of its own, so that every process answers for every rollout, wherever it is
/// decided, and writes flag files. Thread-safe.
class RolloutFollower {
 public:
  /// Errors: those of kafka::Follower::open().
  static Result<std::unique_ptr<RolloutFollower>> start(const Config& config);
  ~RolloutFollower();
  RolloutFollower(const RolloutFollower&) = delete;
  RolloutFollower& operator=(const RolloutFollower&) = delete;

  /// `/rollouts` names the rollouts of the config, `/rollouts/NAME` and what follows are their gates. 503 until the
  /// topic has been read, and while it cannot be; 404 for what is not there.
  HttpResponse answer(const HttpRequest& request) const;

 private:
  struct Impl;
  explicit RolloutFollower(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidewatch
