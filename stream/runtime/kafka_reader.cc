#include "stream/runtime/kafka_reader.h"

#include <fmt/format.h>

#include <chrono>
#include <map>
#include <utility>

namespace tidewatch::kafka {
namespace {

using Open = std::map<std::pair<std::string, int32_t>, int64_t>;  // partitions not yet at their end, with that end

Status assign(rd_kafka_t* client, std::span<const ReadRange> ranges, Open& open) {
  const PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(ranges.size())));
  for (const auto& range : ranges) {
    if (range.from >= range.to) continue;
    rd_kafka_topic_partition_list_add(list.get(), range.topic.c_str(), range.partition)->offset = range.from;
    open[{range.topic, range.partition}] = range.to;
  }
  if (open.empty()) return ok_status();
  const auto code = rd_kafka_assign(client, list.get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(code, "read stored state");
  return ok_status();
}

/// Takes one message or event of `client`; true when it brought the reading forward.
bool take_one(const rd_kafka_message_t& message, Open& open, const std::function<void(const StoredRecord&)>& take) {
  if (message.rkt == nullptr) return false;
  const char* topic = rd_kafka_topic_name(message.rkt);
  const auto end = open.find({topic, message.partition});
  if (end == open.end()) return false;
  if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    // Markers of transactions have offsets but are no records: only this event says that they were passed.
    if (message.offset >= end->second) open.erase(end);
    return false;
  }
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
  if (message.offset < end->second)
    take({.topic = topic,
          .partition = message.partition,
          .offset = message.offset,
          .key = {static_cast<const char*>(message.key), message.key_len},
          .value = {static_cast<const char*>(message.payload), message.len}});
  if (message.offset + 1 >= end->second) open.erase(end);
  return true;
}

}  // namespace

Status read_committed(const KafkaOptions& options, std::span<const ReadRange> ranges, Duration patience,
                      const std::atomic<bool>& stop, const std::function<void(const StoredRecord&)>& take) {
  auto client = make_reader(options, "read_committed");
  if (!client) return client.error();
  Open open;
  if (auto status = assign(client->get(), ranges, open); !status) return status;
  auto give_up = std::chrono::steady_clock::now() + patience;
  while (!open.empty()) {
    if (stop) return Error{"stopped", "stopped while reading stored state"};
    const Message message(rd_kafka_consumer_poll(client->get(), 100));
    const auto now = std::chrono::steady_clock::now();
    if (message != nullptr && take_one(*message, open, take)) give_up = now + patience;
    if (now > give_up)
      return Error{"restore_stalled",
                   fmt::format("could not read {}/{} up to offset {}: is a transaction left open, or a broker down?",
                               open.begin()->first.first, open.begin()->first.second, open.begin()->second)};
  }
  return ok_status();
}

}  // namespace tidewatch::kafka
