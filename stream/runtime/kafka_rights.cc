#include "stream/runtime/kafka_rights.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>

namespace tidewatch::kafka {
namespace {

using std::chrono::steady_clock;
using Statuses = std::map<std::string, Status>;

/// What is said of topics of which nothing was heard.
Statuses all_of(const std::vector<std::string>& topics, const Error& error) {
  Statuses out;
  for (const auto& topic : topics) out.insert_or_assign(topic, error);
  return out;
}

Error no_answer(const std::string& doing) { return error_of(RD_KAFKA_RESP_ERR__TIMED_OUT, doing); }

/// Who may not describe a group is not told which broker has its offsets: librdkafka goes on asking, and says why not
/// as an error of the consumer.
rd_kafka_resp_err_t ask_for_offsets(rd_kafka_t* consumer, rd_kafka_topic_partition_list_t* offsets, Duration timeout) {
  const auto give_up = steady_clock::now() + timeout;
  const int slice = std::min(milliseconds(timeout), 1000);
  for (;;) {
    const auto code = rd_kafka_committed(consumer, offsets, slice);
    if (code != RD_KAFKA_RESP_ERR__TIMED_OUT && code != RD_KAFKA_RESP_ERR__WAIT_COORD) return code;
    while (const Message message{rd_kafka_consumer_poll(consumer, 0)})
      if (message->err == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED) return message->err;
    if (steady_clock::now() > give_up) return code;
  }
}

struct Deliveries {
  Statuses statuses;
  static void take(rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
    const std::string topic = rd_kafka_topic_name(message->rkt);
    const bool is_allowed =
        message->err == RD_KAFKA_RESP_ERR_INVALID_REQUIRED_ACKS || message->err == RD_KAFKA_RESP_ERR_NO_ERROR;
    static_cast<Deliveries*>(self)->statuses.insert_or_assign(
        topic, is_allowed ? ok_status() : Status(error_of(message->err, "write to topic " + topic)));
  }
};

}  // namespace

Statuses try_reading(const KafkaOptions& options, const std::vector<std::string>& topics, Duration timeout) {
  auto client = make_reader(options, "read_committed");
  if (!client) return all_of(topics, client.error());
  const PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(topics.size())));
  for (const auto& topic : topics)
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), 0)->offset = RD_KAFKA_OFFSET_END;
  const auto assigned = rd_kafka_assign(client->get(), list.get());
  if (assigned != RD_KAFKA_RESP_ERR_NO_ERROR) return all_of(topics, error_of(assigned, "read topics"));
  Statuses out;
  for (const auto give_up = steady_clock::now() + timeout;
       out.size() < topics.size() && steady_clock::now() < give_up;) {
    const Message message(rd_kafka_consumer_poll(client->get(), 100));
    if (message == nullptr || message->rkt == nullptr) continue;
    const std::string topic = rd_kafka_topic_name(message->rkt);
    const bool is_allowed =
        message->err == RD_KAFKA_RESP_ERR_NO_ERROR || message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
    out.insert_or_assign(topic, is_allowed ? ok_status() : Status(error_of(message->err, "read topic " + topic)));
  }
  for (const auto& topic : topics) out.emplace(topic, no_answer("read topic " + topic));
  return out;
}

Statuses try_writing(const KafkaOptions& options, const std::vector<std::string>& topics, Duration timeout) {
  // No broker has a meaning for two acknowledgements. It says so when it has looked at the rights, before it appends.
  auto conf = make_conf(options, {{"acks", "2"},
                                  {"request.required.acks", "2"},  // the same by its other name
                                  {"enable.idempotence", "false"},
                                  {"retries", "0"},
                                  {"message.send.max.retries", "0"},
                                  {"message.timeout.ms", std::to_string(milliseconds(timeout))}});
  if (!conf) return all_of(topics, conf.error());
  Deliveries deliveries;
  rd_kafka_conf_set_dr_msg_cb(conf->get(), Deliveries::take);
  rd_kafka_conf_set_opaque(conf->get(), &deliveries);
  auto client = make_client(RD_KAFKA_PRODUCER, std::move(conf).value());
  if (!client) return all_of(topics, client.error());
  for (const auto& name : topics) {
    const Owned<rd_kafka_topic_t> topic(rd_kafka_topic_new(client->get(), name.c_str(), nullptr));
    if (rd_kafka_produce(topic.get(), 0, RD_KAFKA_MSG_F_COPY, nullptr, 0, name.data(), name.size(), nullptr) != 0)
      deliveries.statuses.insert_or_assign(name, error_of(rd_kafka_last_error(), "write to topic " + name));
  }
  rd_kafka_flush(client->get(), milliseconds(timeout));
  for (const auto& topic : topics) deliveries.statuses.emplace(topic, no_answer("write to topic " + topic));
  client->reset();  // what is still on its way is told to `deliveries`
  return std::move(deliveries.statuses);
}

Status try_group(const KafkaOptions& options, const std::string& group, Duration timeout) {
  auto conf = make_conf(options, {{"group.id", group}, {"enable.auto.commit", "false"}});
  if (!conf) return conf.error();
  auto client = make_client(RD_KAFKA_CONSUMER, std::move(conf).value());
  if (!client) return client.error();
  const std::string doing = "be a member of group " + group;
  const auto is_of_topic = [](rd_kafka_resp_err_t code) {
    return code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
           code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
  };
  // The offset of a partition that no topic has. Asking for it takes DESCRIBE, committing it takes READ and is refused
  // afterwards.
  const PartitionList list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), options.topics.of(Stream::progress).c_str(),
                                    std::numeric_limits<int32_t>::max());
  auto code = ask_for_offsets(client->get(), list.get(), timeout);
  if (!is_of_topic(code)) return error_of(code, doing);
  list->elems[0].offset = 0;
  const Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(client->get()));
  code = rd_kafka_commit_queue(client->get(), list.get(), queue.get(), nullptr, nullptr);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(code, doing);
  const Owned<rd_kafka_event_t> event(rd_kafka_queue_poll(queue.get(), milliseconds(timeout)));
  if (event == nullptr) return no_answer(doing);
  code = rd_kafka_event_error(event.get());
  return is_of_topic(code) ? ok_status() : Status(error_of(code, doing));
}

Status try_transactions(const KafkaOptions& options, const std::string& transactional_id, Duration timeout) {
  // Longer than any broker allows: it says so when it has looked at the rights, before it registers the id.
  auto conf = make_conf(options, {{"transactional.id", transactional_id},
                                  {"transaction.timeout.ms", std::to_string(std::numeric_limits<int32_t>::max())}});
  if (!conf) return conf.error();
  auto client = make_client(RD_KAFKA_PRODUCER, std::move(conf).value());
  if (!client) return client.error();
  const Owned<rd_kafka_error_t> error(rd_kafka_init_transactions(client->get(), milliseconds(timeout)));
  const auto code = error == nullptr ? RD_KAFKA_RESP_ERR_NO_ERROR : rd_kafka_error_code(error.get());
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT) return ok_status();
  return error_of(code, fmt::format("use the transactional id {}", transactional_id));
}

}  // namespace tidewatch::kafka
