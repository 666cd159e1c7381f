#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "stream/runtime/kafka_client.h"

namespace tidewatch::kafka {

/// First and next offset of a partition, open transactions included.
struct OffsetRange {
  int64_t low = 0;
  int64_t high = 0;
};

/// What the brokers say of topics. Thread-safe.
class Cluster {
 public:
  /// Errors: `bad_config`. Does not wait for a broker.
  static Result<std::unique_ptr<Cluster>> open(const KafkaOptions& options);

  /// Partitions of each topic; 0 for one that does not exist. Errors: `broker_unavailable`, `not_authorized`.
  Result<std::map<std::string, int32_t>> partition_counts(const std::vector<std::string>& topics, Duration timeout);
  Result<OffsetRange> offsets(const std::string& topic, int32_t partition, Duration timeout);

 private:
  explicit Cluster(Client client) : client_(std::move(client)) {}
  Client client_;
};

}  // namespace tidewatch::kafka
