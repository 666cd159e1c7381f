#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "app/config/config.h"
#include "app/rollouts/rollout_follower.h"
#include "detectors/core/result.h"
#include "stream/runtime/http_endpoint.h"
#include "stream/runtime/kafka_runner.h"
#include "stream/runtime/metrics.h"

namespace tidewatch {

/// A running `tidewatch run`: the Kafka runner with the flow of a config, and the HTTP endpoint that tells how it is
/// and how rollouts stand. Thread-safe.
class Engine {
 public:
  /// `stages`: names of those to run here; empty: all.
  explicit Engine(std::set<std::string> stages) : stages_(std::move(stages)) {}

  /// Errors: those of make_flow(), KafkaRunner::start(), HttpEndpoint::open().
  Status start(const Config& config);
  /// Stops the stages and starts them with another config; short-lived state is rebuilt from Kafka. The endpoint stays
  /// where it is. The old config goes on when the new one does not work (a topic that does not exist, brokers that do
  /// not answer); failure() says so when it cannot go on either. pre: start() succeeded
  Status reload(const Config& config);
  void stop();

  /// Why the stages ended by themselves; nothing while they run.
  std::optional<Error> failure() const;
  RunnerHealth health() const;  ///< what /healthz and /readyz answer
  uint16_t http_port() const;

 private:
  Status open_endpoint(const HttpOptions& options);
  Status run(const Config& config, std::vector<StageSpec> stages);

  std::set<std::string> stages_;
  Metrics metrics_;
  Config config_;  ///< the one in force
  mutable std::mutex mutex_;
  std::unique_ptr<KafkaRunner> runner_;
  std::shared_ptr<RolloutFollower> rollouts_;  ///< where the config has any
  std::optional<Error> not_restarted_;         ///< no config could be started after a reload
  std::unique_ptr<HttpEndpoint> endpoint_;
};

}  // namespace tidewatch
