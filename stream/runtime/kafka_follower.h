#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "stream/runtime/kafka_client.h"
#include "stream/runtime/record.h"

namespace tidewatch::kafka {

/// Where a Follower begins in each partition: at the newest `last` records (offsets, so that markers of transactions
/// count), at the end with 0, at the oldest record with nothing.
struct FollowFrom {
  std::optional<int64_t> last = 0;
};

/// Reads a topic without being a member of a group, committed records only: for people who look, not for stages.
/// Not thread-safe.
class Follower {
 public:
  /// Errors: `broker_unavailable`, `not_authorized`, `no_topic`, `bad_config`.
  static Result<std::unique_ptr<Follower>> open(const KafkaOptions& options, Stream stream, FollowFrom from,
                                                Duration timeout);
  ~Follower();

  /// Waits for at most `timeout` and hands over at most one record; its views live as long as the call of `take`.
  /// Error: `not_authorized`. Brokers that are away are waited for.
  Status poll(Duration timeout, const std::function<void(const Record&)>& take);

  /// What was there when it was opened has been read, or cannot be as a transaction is still open before it.
  bool has_caught_up() const { return behind_.empty(); }

 private:
  Follower(Client client, Stream stream, std::string topic);
  Status take_event(const rd_kafka_message_t& message);

  Client client_;
  Stream stream_;
  std::string topic_;
  std::set<int32_t> behind_;
};

}  // namespace tidewatch::kafka
