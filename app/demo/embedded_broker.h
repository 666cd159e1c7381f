#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "detectors/core/result.h"

namespace tidewatch {

/// librdkafka's mock cluster: a Kafka broker in this process that listens on a free loopback port, so that a demo needs
/// nothing else. Clients speak Kafka's protocol to it; it is no Kafka:
///
/// - A partition is memory, at most about 5 MB or 100,000 batches; older records are dropped silently, read or not.
/// - Transactions are accepted but not isolated: a record can be read as soon as it is written, also when its
///   transaction is aborted. Offsets that are committed in transactions are not kept.
/// - An empty fetch waits its whole time although records come (set fetch.wait.max.ms low), and a fetch returns at most
///   one batch of a partition.
///
/// So it shows how stages work together and proves nothing about delivery; tests/kafka has the real broker for that.
class EmbeddedBroker {
 public:
  /// Capacity of a partition, below the broker's own limit by what its batches add.
  static constexpr uint64_t kPartitionBytes = 4'500'000;

  /// Errors: `broker_unavailable`.
  static Result<std::unique_ptr<EmbeddedBroker>> start();
  ~EmbeddedBroker();  ///< clients must have been closed
  EmbeddedBroker(const EmbeddedBroker&) = delete;
  EmbeddedBroker& operator=(const EmbeddedBroker&) = delete;

  /// host:port
  const std::string& address() const { return address_; }
  /// Errors: `bad_topics`.
  Status create_topic(const std::string& name, int32_t partitions);

 private:
  struct Impl;
  explicit EmbeddedBroker(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
  std::string address_;
};

}  // namespace tidewatch
