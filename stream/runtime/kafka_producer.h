#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "stream/runtime/kafka_client.h"
#include "stream/runtime/record.h"

namespace tidewatch::kafka {

/// How a step of a transaction ended, and what has to follow.
enum class Outcome {
  done,
  abort,     ///< abort the transaction; what it held has to be done again from the committed offsets
  recreate,  ///< the producer is unusable (fenced, or a fatal error): a new one, then as after an abort
  gave_up,   ///< the brokers do not answer and a stop was asked for
};

/// One transactional producer: every append between begin() and commit() becomes visible at once, with the offsets, or
/// not at all. Retries what can be retried for as long as `stop` is false. One thread.
class TransactionalProducer {
 public:
  /// `stop`: see Outcome::gave_up. Both references outlive the producer.
  TransactionalProducer(const KafkaOptions& options, std::string transactional_id, const std::atomic<bool>& stop);

  /// Registers with the brokers, ending what an earlier producer of this id left open. Errors: `bad_config`,
  /// `not_authorized`, `stopped`, `kafka_error`.
  Status open();
  void close() { producer_.reset(); }
  bool is_open() const { return producer_ != nullptr; }

  Outcome begin();
  /// `partition`: -1 lets the key decide as Kafka's own clients do. `offset`, when not null, receives the record's
  /// offset before flush() returns. An empty `value` of a compacted stream becomes a tombstone. A record larger than
  /// the brokers take is left out, counted in too_large() and logged.
  Outcome append(Stream stream, int32_t partition, std::string_view key, std::string_view value,
                 std::span<const Header> headers, int64_t* offset = nullptr);
  Outcome flush();
  Outcome send_offsets(const rd_kafka_topic_partition_list_t* offsets, const rd_kafka_consumer_group_metadata_t* group);
  Outcome commit();
  Outcome abort();

  uint64_t take_too_large() { return std::exchange(too_large_, 0); }  ///< left out since the last call
  const std::string& last_error() const { return last_error_; }       ///< of the last step that was not done

 private:
  using Step = std::function<rd_kafka_error_t*()>;
  Outcome run(const char* name, const Step& step);
  rd_kafka_topic_t* topic(Stream stream);
  static void delivered(rd_kafka_t*, const rd_kafka_message_t* message, void* self);

  const KafkaOptions& options_;
  std::string id_;
  const std::atomic<bool>& stop_;
  Client producer_;
  std::map<Stream, Owned<rd_kafka_topic_t>> topics_;
  bool failed_ = false;  ///< a record of this transaction was not delivered
  uint64_t too_large_ = 0;
  std::string last_error_;
};

}  // namespace tidewatch::kafka
