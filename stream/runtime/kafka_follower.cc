#include "stream/runtime/kafka_follower.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "stream/runtime/kafka_cluster.h"

namespace tidewatch::kafka {
namespace {

std::vector<Header> headers_of(const rd_kafka_message_t& message) {
  std::vector<Header> out;
  rd_kafka_headers_t* found = nullptr;
  if (rd_kafka_message_headers(&message, &found) != RD_KAFKA_RESP_ERR_NO_ERROR) return out;
  const char* name = nullptr;
  const void* value = nullptr;
  size_t size = 0;
  for (size_t i = 0; rd_kafka_header_get_all(found, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
    out.push_back({name, std::string(static_cast<const char*>(value), size)});
  return out;
}

Timestamp append_time_of(const rd_kafka_message_t& message) {
  rd_kafka_timestamp_type_t kind{};
  const int64_t stamp = rd_kafka_message_timestamp(&message, &kind);
  if (kind == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE || stamp < 0) return kMinTimestamp;
  return Timestamp(std::chrono::milliseconds(stamp));
}

}  // namespace

Follower::Follower(Client client, Stream stream, std::string topic)
    : client_(std::move(client)), stream_(stream), topic_(std::move(topic)) {}
Follower::~Follower() = default;

Result<std::unique_ptr<Follower>> Follower::open(const KafkaOptions& options, Stream stream, FollowFrom from,
                                                 Duration timeout) {
  auto client = make_reader(options, "read_committed");
  if (!client) return client.error();
  std::unique_ptr<Follower> out(new Follower(std::move(client).value(), stream, options.topics.of(stream)));
  auto cluster = Cluster::open(options);
  if (!cluster) return cluster.error();
  const auto counts = (*cluster)->partition_counts({out->topic_}, timeout);
  if (!counts) return counts.error();
  const int32_t partitions = counts->at(out->topic_);
  if (partitions == 0)
    return Error{"no_topic", fmt::format("topic {} does not exist; `tidewatch doctor --fix` creates it", out->topic_)};
  const PartitionList list(rd_kafka_topic_partition_list_new(partitions));
  for (int32_t p = 0; p < partitions; ++p) {
    const auto range = (*cluster)->offsets(out->topic_, p, timeout);
    if (!range) return range.error();
    const int64_t start = from.last ? std::max(range->low, range->high - *from.last) : range->low;
    rd_kafka_topic_partition_list_add(list.get(), out->topic_.c_str(), p)->offset = start;
    if (start < range->high) out->behind_.insert(p);
  }
  const auto code = rd_kafka_assign(out->client_.get(), list.get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(code, "read " + out->topic_);
  return out;
}

Status Follower::take_event(const rd_kafka_message_t& message) {
  switch (message.err) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      behind_.erase(message.partition);
      return ok_status();
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
      return error_of(message.err, "read " + topic_);
    default:  // also of the group, which is never joined
      return ok_status();
  }
}

Status Follower::poll(Duration timeout, const std::function<void(const Record&)>& take) {
  const Message message(rd_kafka_consumer_poll(client_.get(), milliseconds(timeout)));
  if (message == nullptr) return ok_status();
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) return take_event(*message);
  const auto headers = headers_of(*message);
  take({.stream = stream_,
        .topic = topic_,
        .partition = message->partition,
        .offset = message->offset,
        .append_time = append_time_of(*message),
        .key = {static_cast<const char*>(message->key), message->key_len},
        .value = {static_cast<const char*>(message->payload), message->len},
        .headers = headers});
  return ok_status();
}

}  // namespace tidewatch::kafka
