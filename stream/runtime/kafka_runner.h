#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "detectors/core/result.h"
#include "stream/runtime/kafka_options.h"
#include "stream/runtime/metrics.h"
#include "stream/runtime/topology.h"

namespace tidewatch {

/// For /healthz and /readyz.
struct RunnerHealth {
  bool live = true;    ///< no stage has ended by itself
  bool ready = false;  ///< every thread is a member of its group with its tasks restored, and the brokers answer
  std::string detail;  ///< a sentence for a person
};

/// Drives stages over Apache Kafka: each input record has its effects exactly once, whatever is killed when. Any number
/// of processes share the work; each stage is a consumer group, each thread a member of it with a transactional
/// producer. docs/architecture.md tells how; docs of Task and Checkpoint tell what is stored.
class KafkaRunner {
 public:
  /// `topology`: every stage of the flow, also those other processes run (their partitions are whom a stage waits for).
  /// `run`: names of the stages to run here; empty: all. `metrics` outlives the runner.
  KafkaRunner(KafkaOptions options, std::vector<StageSpec> topology, const std::set<std::string>& run,
              Metrics& metrics);
  ~KafkaRunner();  ///< stops
  KafkaRunner(const KafkaRunner&) = delete;
  KafkaRunner& operator=(const KafkaRunner&) = delete;

  /// Waits for the brokers, checks topics, starts the threads. Errors: `broker_unavailable` when no broker answered
  /// within `broker_timeout`, `bad_topics` naming what is missing, `bad_config`, `not_authorized`.
  Status start();

  /// Finishes batches, commits, leaves the groups; returns when all threads have ended. Safe to call more than once,
  /// and from another thread than start() (not from a signal handler).
  void stop();

  RunnerHealth health() const;
  /// What ended a stage by itself; the caller should stop() and exit.
  std::optional<Error> failure() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Exit code of `tidewatch run` for an error of the runner: 69 broker unavailable, 78 bad config or topics, else 70.
int exit_code_of(const Error& error);

}  // namespace tidewatch
