#include "app/traffic/traffic_producer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
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
  auto deliveries = std::make_unique<Deliveries>();
  rd_kafka_conf_set_dr_msg_cb(conf->get(), on_delivery);
  rd_kafka_conf_set_opaque(conf->get(), deliveries.get());
  auto client = kafka::make_client(RD_KAFKA_PRODUCER, std::move(conf).value());
  if (!client) return client.error();
  return TrafficProducer(options, trace_partitions, std::move(deliveries), std::move(client).value());
}

void TrafficProducer::on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* deliveries) {
  auto& to = *static_cast<Deliveries*>(deliveries);
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    ++to.delivered;
    return;
  }
  ++to.failed;
  if (to.first_reason == RD_KAFKA_RESP_ERR_NO_ERROR) to.first_reason = message->err;
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
  spans_ += emission.spans;
  ++messages_;
  bytes_ += emission.payload.size();
  return wait(Duration::zero());
}

Status TrafficProducer::wait(Duration patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  for (;;) {
    const auto left = until - std::chrono::steady_clock::now();
    // Returns early when there was something to report.
    rd_kafka_poll(client_.get(), std::max(0, kafka::milliseconds(left)));
    if (auto status = is_worth_going_on(); !status || left <= Duration::zero()) return status;
  }
}

Status TrafficProducer::flush(Duration patience) {
  const auto code = rd_kafka_flush(client_.get(), kafka::milliseconds(patience));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR && deliveries_->failed == 0)
    return kafka::error_of(code, fmt::format("send all traffic within {:.0f} s: {} of {} messages were taken",
                                             to_seconds(patience), deliveries_->delivered, messages_));
  if (deliveries_->failed > 0) return not_taken();
  return ok_status();
}

Error TrafficProducer::not_taken() const {
  auto error = kafka::error_of(deliveries_->first_reason, fmt::format("deliver {} of {} messages, the first because",
                                                                      deliveries_->failed, messages_));
  if (deliveries_->first_reason == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT) error.code = "broker_unavailable";
  return error;
}

/// A message that is too large or too old for the topic says nothing of the next one.
Status TrafficProducer::is_worth_going_on() const {
  if (deliveries_->failed == 0) return ok_status();
  const Error error = not_taken();
  if (error.code == "kafka_error") return ok_status();
  return error;
}

}  // namespace tidewatch
