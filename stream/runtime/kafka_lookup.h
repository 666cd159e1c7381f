#pragma once

#include <mutex>

#include "stream/runtime/kafka_client.h"
#include "stream/runtime/record_lookup.h"

namespace tidewatch::kafka {

/// Reads records of Kafka topics by their positions, with one consumer of no group that is opened when it is first
/// needed. Thread-safe: calls wait for each other.
class Lookup final : public RecordLookup {
 public:
  /// `patience`: how long brokers may be silent.
  Lookup(KafkaOptions options, Duration patience) : options_(std::move(options)), patience_(patience) {}

  Status read(std::span<const RecordPosition> positions, const Take& take) override;

 private:
  Status open();
  Status read_partition(std::span<const RecordPosition> positions, const Take& take);

  KafkaOptions options_;
  Duration patience_;
  std::mutex mutex_;
  Client client_;
};

}  // namespace tidewatch::kafka
