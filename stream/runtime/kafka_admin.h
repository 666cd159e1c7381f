#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "stream/runtime/kafka_client.h"

namespace tidewatch::kafka {

/// Configuration of a topic by property ("cleanup.policy"), inherited values included.
using TopicConfig = std::map<std::string, std::string>;

/// What the brokers say of a topic.
struct TopicDescription {
  bool exists = false;
  int32_t partitions = 0;
  int32_t replicas = 0;            ///< of the partition that has fewest
  int32_t offline_partitions = 0;  ///< without a leader: neither read nor written
  std::optional<Error> error;      ///< `not_authorized`, ...: then nothing else is known
};

struct ClusterDescription {
  std::vector<std::string> brokers;  ///< host:port as the brokers name themselves to clients
  std::map<std::string, TopicDescription> topics;
};

/// A topic that is to be made.
struct TopicRequest {
  std::string name;
  int32_t partitions = 1;
  int32_t replicas = 1;
  TopicConfig config;
};

/// Questions and orders about topics for a person who sets a cluster up. Thread-safe.
class Admin {
 public:
  /// Errors: `bad_config`. Does not wait for a broker.
  static Result<std::unique_ptr<Admin>> open(const KafkaOptions& options);

  /// Errors: `broker_unavailable`, `not_authorized` (of the cluster; of one topic: in its description).
  Result<ClusterDescription> describe(const std::vector<std::string>& topics, Duration timeout);
  /// By topic; an Error of one topic does not hide the others. Errors: `broker_unavailable`, `not_authorized`.
  Result<std::map<std::string, Result<TopicConfig>>> configs(const std::vector<std::string>& topics, Duration timeout);

  /// Errors: `not_authorized`, `kafka_error` with the broker's words.
  Status create(const TopicRequest& request, Duration timeout);
  /// Raises the number of partitions to `total`. Errors as of create().
  Status add_partitions(const std::string& topic, int32_t total, Duration timeout);

 private:
  explicit Admin(Client client) : client_(std::move(client)) {}
  Client client_;
};

}  // namespace tidewatch::kafka
