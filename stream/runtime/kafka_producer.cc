#include "stream/runtime/kafka_producer.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>
#include <vector>

namespace tidewatch::kafka {
namespace {

constexpr int kStepTimeoutMs = 10'000;
/// For how long a step is repeated after a stop was asked for.
constexpr auto kStopPatience = std::chrono::seconds(5);

bool is_compacted(Stream stream) { return stream == Stream::state || stream == Stream::alerts_state; }

rd_kafka_vu_t memory(rd_kafka_vtype_t type, const void* data, size_t size) {
  rd_kafka_vu_t field{};
  field.vtype = type;
  field.u.mem.ptr = const_cast<void*>(data);  // NOLINT: librdkafka copies it (MSG_F_COPY) and does not write
  field.u.mem.size = size;
  return field;
}

std::vector<rd_kafka_vu_t> fields_of(rd_kafka_topic_t* topic, int32_t partition, std::string_view key,
                                     std::span<const Header> headers, int64_t* offset) {
  std::vector<rd_kafka_vu_t> fields;
  fields.reserve(6 + headers.size());
  rd_kafka_vu_t field{};
  field.vtype = RD_KAFKA_VTYPE_RKT;
  field.u.rkt = topic;
  fields.push_back(field);
  field.vtype = RD_KAFKA_VTYPE_PARTITION;
  field.u.i32 = partition;
  fields.push_back(field);
  field.vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  field.u.i = RD_KAFKA_MSG_F_COPY;
  fields.push_back(field);
  field.vtype = RD_KAFKA_VTYPE_OPAQUE;
  field.u.ptr = offset;
  fields.push_back(field);
  fields.push_back(memory(RD_KAFKA_VTYPE_KEY, key.empty() ? nullptr : key.data(), key.size()));
  for (const auto& header : headers) {
    field.vtype = RD_KAFKA_VTYPE_HEADER;
    field.u.header = {header.name.c_str(), header.value.data(), static_cast<ssize_t>(header.value.size())};
    fields.push_back(field);
  }
  return fields;
}

}  // namespace

TransactionalProducer::TransactionalProducer(const KafkaOptions& options, std::string transactional_id,
                                             const std::atomic<bool>& stop)
    : options_(options), id_(std::move(transactional_id)), stop_(stop) {}

void TransactionalProducer::delivered(rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
  auto& producer = *static_cast<TransactionalProducer*>(self);
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    producer.failed_ = true;
    producer.last_error_ = rd_kafka_err2str(message->err);
  } else if (message->_private != nullptr) {
    *static_cast<int64_t*>(message->_private) = message->offset;
  }
}

Status TransactionalProducer::open() {
  topics_.clear();
  producer_.reset();
  auto conf =
      make_conf(options_, {{"transactional.id", id_},
                           {"transaction.timeout.ms", std::to_string(milliseconds(options_.transaction_timeout))},
                           {"partitioner", "murmur2_random"},
                           {"queue.buffering.max.messages", "1000000"}});
  if (!conf) return conf.error();
  rd_kafka_conf_set_dr_msg_cb(conf->get(), delivered);
  rd_kafka_conf_set_opaque(conf->get(), this);
  auto made = make_client(RD_KAFKA_PRODUCER, std::move(conf).value());
  if (!made) return made.error();
  producer_ = std::move(made).value();
  failed_ = false;
  switch (run("init_transactions", [&] { return rd_kafka_init_transactions(producer_.get(), kStepTimeoutMs); })) {
    case Outcome::done:
      return ok_status();
    case Outcome::gave_up:
      producer_.reset();
      return Error{"stopped", "stopped before the brokers answered"};
    default:
      producer_.reset();
      return Error{"kafka_error", fmt::format("could not begin with transactions as {}: {}", id_, last_error_)};
  }
}

Outcome TransactionalProducer::run(const char* name, const Step& step) {
  std::optional<std::chrono::steady_clock::time_point> give_up;
  for (auto pause = std::chrono::milliseconds(20);; pause = std::min(pause * 2, std::chrono::milliseconds(1000))) {
    const Owned<rd_kafka_error_t> error(step());
    if (error == nullptr) return Outcome::done;
    last_error_ = fmt::format("{}: {}", name, rd_kafka_error_string(error.get()));
    if (rd_kafka_error_is_fatal(error.get()) != 0) return Outcome::recreate;
    if (rd_kafka_error_txn_requires_abort(error.get()) != 0) return Outcome::abort;
    if (rd_kafka_error_is_retriable(error.get()) == 0) return Outcome::recreate;
    if (stop_ && !give_up) give_up = std::chrono::steady_clock::now() + kStopPatience;
    if (give_up && std::chrono::steady_clock::now() > *give_up) return Outcome::gave_up;
    spdlog::warn("kafka transaction step is repeated id={} {}", id_, last_error_);
    std::this_thread::sleep_for(pause);
  }
}

Outcome TransactionalProducer::begin() {
  failed_ = false;
  return run("begin_transaction", [&] { return rd_kafka_begin_transaction(producer_.get()); });
}

rd_kafka_topic_t* TransactionalProducer::topic(Stream stream) {
  auto& found = topics_[stream];
  if (found == nullptr) found.reset(rd_kafka_topic_new(producer_.get(), options_.topics.of(stream).c_str(), nullptr));
  return found.get();
}

Outcome TransactionalProducer::append(Stream stream, int32_t partition, std::string_view key, std::string_view value,
                                      std::span<const Header> headers, int64_t* offset) {
  auto fields = fields_of(topic(stream), partition, key, headers, offset);
  const bool tombstone = value.empty() && is_compacted(stream);
  fields.push_back(memory(RD_KAFKA_VTYPE_VALUE, tombstone ? nullptr : value.empty() ? "" : value.data(), value.size()));
  for (;;) {
    const Owned<rd_kafka_error_t> error(rd_kafka_produceva(producer_.get(), fields.data(), fields.size()));
    if (error == nullptr) return Outcome::done;
    last_error_ = fmt::format("append to {}: {}", options_.topics.of(stream), rd_kafka_error_string(error.get()));
    const auto code = rd_kafka_error_code(error.get());
    if (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) {
      ++too_large_;
      spdlog::error("record left out: larger than kafka.properties message.max.bytes topic={} bytes={}",
                    options_.topics.of(stream), value.size());
      return Outcome::done;
    }
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL)
      return rd_kafka_error_is_fatal(error.get()) != 0 ? Outcome::recreate : Outcome::abort;
    if (stop_) return Outcome::gave_up;
    rd_kafka_poll(producer_.get(), 100);
  }
}

Outcome TransactionalProducer::flush() {
  while (rd_kafka_flush(producer_.get(), 1000) == RD_KAFKA_RESP_ERR__TIMED_OUT && !failed_)
    if (stop_) return Outcome::gave_up;
  if (!failed_) return Outcome::done;
  return rd_kafka_fatal_error(producer_.get(), nullptr, 0) != RD_KAFKA_RESP_ERR_NO_ERROR ? Outcome::recreate
                                                                                         : Outcome::abort;
}

Outcome TransactionalProducer::send_offsets(const rd_kafka_topic_partition_list_t* offsets,
                                            const rd_kafka_consumer_group_metadata_t* group) {
  return run("send_offsets_to_transaction",
             [&] { return rd_kafka_send_offsets_to_transaction(producer_.get(), offsets, group, kStepTimeoutMs); });
}

Outcome TransactionalProducer::commit() {
  return run("commit_transaction", [&] { return rd_kafka_commit_transaction(producer_.get(), kStepTimeoutMs); });
}

Outcome TransactionalProducer::abort() {
  return run("abort_transaction", [&] { return rd_kafka_abort_transaction(producer_.get(), kStepTimeoutMs); });
}

}  // namespace tidewatch::kafka
