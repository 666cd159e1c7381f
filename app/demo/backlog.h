#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "detectors/core/result.h"
#include "stream/runtime/kafka_cluster.h"
#include "stream/runtime/kafka_options.h"
#include "stream/runtime/metrics.h"

namespace tidewatch {

/// What was written to the stages' topics and not yet processed, by the offsets of the broker and the stages' own
/// counts. It keeps the demo's traffic within what the embedded broker holds, and tells whether anything was dropped.
class Backlog {
 public:
  /// Bytes that may wait in all partitions of a topic together. A stage turns what waits for it into up to seven times
  /// as many bytes of partials, and some partitions get more than others: the sum of it all has to fit.
  static constexpr double kMaxTraffic = 1e6;
  static constexpr double kMaxFragments = 0.7e6;
  static constexpr double kMaxPartials = 2e6;

  /// References outlive the backlog. Errors: `bad_config`.
  static Result<Backlog> open(const KafkaOptions& options, const Metrics& metrics, int32_t (*partitions)(Stream));

  /// Whether every topic has room for more. Asks the broker. Errors: `broker_unavailable`.
  Result<bool> has_room(double traffic_bytes_sent);
  /// Records on the topics that the stage reads and that it has not counted. Errors: `broker_unavailable`.
  Result<double> records_waiting(const std::string& stage);
  /// Records that were ever written to the topics that the stage reads. Errors: `broker_unavailable`.
  Result<double> written_for(const std::string& stage);
  /// Records that the stage has left behind it, read or not: how far its offsets have come.
  double passed_by(const std::string& stage) const;
  /// Records that were ever written to a topic. Errors: `broker_unavailable`.
  Result<double> written(Stream stream);

 private:
  Backlog(const KafkaOptions& options, const Metrics& metrics, int32_t (*partitions)(Stream),
          std::unique_ptr<kafka::Cluster> cluster)
      : options_(options), metrics_(metrics), partitions_(partitions), cluster_(std::move(cluster)) {}
  Result<double> bytes_waiting(const std::string& stage, const std::string& upstream, Stream stream);

  const KafkaOptions& options_;
  const Metrics& metrics_;
  int32_t (*partitions_)(Stream);
  std::unique_ptr<kafka::Cluster> cluster_;
};

}  // namespace tidewatch
