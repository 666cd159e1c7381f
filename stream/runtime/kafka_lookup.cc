#include "stream/runtime/kafka_lookup.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace tidewatch::kafka {
namespace {

/// Reading on is cheaper than asking anew for what lies so near: fetches bring many records at once.
constexpr int64_t kReadOn = 200;
/// A fetch is for a few records, wherever they lie: no more is asked for, and nothing is read ahead.
Properties small_fetches() {
  return {{"fetch.message.max.bytes", "262144"}, {"queued.min.messages", "1"}, {"queued.max.messages.kbytes", "4096"}};
}

Status assign(rd_kafka_t* client, const RecordPosition& from) {
  const PartitionList list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), from.topic.c_str(), from.partition)->offset = from.offset;
  const auto code = rd_kafka_assign(client, list.get());
  return code == RD_KAFKA_RESP_ERR_NO_ERROR ? ok_status() : Status(error_of(code, "read records by their position"));
}

bool is_of(const rd_kafka_message_t& message, const RecordPosition& at) {
  return message.rkt != nullptr && message.partition == at.partition && at.topic == rd_kafka_topic_name(message.rkt);
}

}  // namespace

Status Lookup::open() {
  if (client_ != nullptr) return ok_status();
  Properties own = small_fetches();
  own.insert({{"group.id", options_.group_prefix + "-lookup"},  // required, but never joined
              {"enable.auto.commit", "false"},
              {"enable.auto.offset.store", "false"},
              {"enable.partition.eof", "true"},
              {"auto.offset.reset", "earliest"},
              {"isolation.level", "read_uncommitted"}});  // it was read before, as committed
  auto conf = make_conf(options_, own);
  if (!conf) return conf.error();
  auto client = make_client(RD_KAFKA_CONSUMER, std::move(conf).value());
  if (!client) return client.error();
  client_ = std::move(client).value();
  return ok_status();
}

Status Lookup::read(std::span<const RecordPosition> positions, const Take& take) {
  const std::lock_guard lock(mutex_);
  if (auto opened = open(); !opened) return opened;
  while (!positions.empty()) {
    const auto& first = positions.front();
    const auto last = std::find_if(positions.begin(), positions.end(), [&](const RecordPosition& at) {
      return at.topic != first.topic || at.partition != first.partition;
    });
    const auto count = static_cast<size_t>(last - positions.begin());
    if (auto read = read_partition(positions.first(count), take); !read) return read;
    positions = positions.subspan(count);
  }
  return ok_status();
}

Status Lookup::read_partition(std::span<const RecordPosition> positions, const Take& take) {
  using std::chrono::steady_clock;
  auto give_up = steady_clock::now() + patience_;
  bool is_assigned = false;
  while (!positions.empty()) {
    const RecordPosition& wanted = positions.front();
    if (!is_assigned) {
      if (auto assigned = assign(client_.get(), wanted); !assigned) return assigned;
      is_assigned = true;
    }
    const Message message(rd_kafka_consumer_poll(client_.get(), 100));
    const auto now = steady_clock::now();
    if (message == nullptr || !is_of(*message, wanted)) {
      if (now > give_up)
        return Error{"broker_unavailable", fmt::format("{}/{} at offset {} could not be read", wanted.topic,
                                                       wanted.partition, wanted.offset)};
      continue;
    }
    give_up = now + patience_;
    const bool is_record = message->err == RD_KAFKA_RESP_ERR_NO_ERROR;
    // At the end of the partition there is nothing of the rest: the topic was made anew.
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) break;
    if (message->err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || message->err == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
        message->err == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION)
      break;
    if (!is_record) continue;
    if (message->offset == wanted.offset) take(wanted, {static_cast<const char*>(message->payload), message->len});
    // Records that retention has deleted since are passed over: the next one that is there comes in their place.
    while (!positions.empty() && positions.front().offset <= message->offset) positions = positions.subspan(1);
    is_assigned = !positions.empty() && positions.front().offset - message->offset <= kReadOn;
  }
  rd_kafka_assign(client_.get(), nullptr);
  return ok_status();
}

}  // namespace tidewatch::kafka
