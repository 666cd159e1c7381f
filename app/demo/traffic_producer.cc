#include "app/demo/traffic_producer.h"

#include <fmt/format.h>

#include <array>
#include <string>
#include <utility>

namespace tidewatch {
namespace {

rd_kafka_vu_t bytes_field(rd_kafka_vtype_t type, const std::string& text) {
  rd_kafka_vu_t field{};
  field.vtype = type;
  field.u.mem.ptr = const_cast<char*>(text.data());  // NOLINT: librdkafka copies it (MSG_F_COPY) and does not write
  field.u.mem.size = text.size();
  return field;
}

}  // namespace

Result<TrafficProducer> TrafficProducer::open(const KafkaOptions& options, int32_t trace_partitions) {
  // Large batches: the embedded broker hands out one at a time.
  auto conf = kafka::make_conf(options, {{"client.id", "traffic"},
                                         {"enable.idempotence", "true"},
                                         {"linger.ms", "20"},
                                         {"batch.size", "500000"},
                                         {"queue.buffering.max.messages", "1000000"}});
  if (!conf) return conf.error();
  auto client = kafka::make_client(RD_KAFKA_PRODUCER, std::move(conf).value());
  if (!client) return client.error();
  return TrafficProducer(options, trace_partitions, std::move(client).value());
}

Status TrafficProducer::send(const gen::Emission& emission) {
  const bool is_trace = emission.stream == gen::Stream::traces;
  std::array<rd_kafka_vu_t, 6> fields{};
  fields[0].vtype = RD_KAFKA_VTYPE_TOPIC;
  fields[0].u.cstr = options_->topics.of(is_trace ? Stream::traces : Stream::feedback).c_str();
  fields[1].vtype = RD_KAFKA_VTYPE_PARTITION;
  fields[1].u.i32 = is_trace ? next_partition_ : RD_KAFKA_PARTITION_UA;
  fields[2].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  fields[2].u.i = RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_BLOCK;
  fields[3].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
  fields[3].u.i64 = std::chrono::floor<std::chrono::milliseconds>(emission.export_time).time_since_epoch().count();
  fields[4] = bytes_field(RD_KAFKA_VTYPE_VALUE, emission.payload);
  fields[5] = bytes_field(RD_KAFKA_VTYPE_KEY, emission.key);
  if (emission.key.empty()) fields[5].u.mem.ptr = nullptr;
  if (is_trace) next_partition_ = (next_partition_ + 1) % partitions_;
  const kafka::Owned<rd_kafka_error_t> error(rd_kafka_produceva(client_.get(), fields.data(), fields.size()));
  if (error != nullptr)
    return Error{"kafka_error", fmt::format("could not send traffic: {}", rd_kafka_error_string(error.get()))};
  rd_kafka_poll(client_.get(), 0);
  spans_ += emission.spans;
  ++messages_;
  bytes_ += emission.payload.size();
  return ok_status();
}

Status TrafficProducer::flush() {
  const auto code = rd_kafka_flush(client_.get(), 30'000);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return ok_status();
  return kafka::error_of(code, "send all traffic to the embedded broker");
}

}  // namespace tidewatch
