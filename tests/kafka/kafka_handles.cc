#include "kafka/kafka_handles.h"

#include <fmt/format.h>

#include <array>
#include <stdexcept>

#include "kafka/kafka_broker.h"

namespace tidewatch::kafka_test {
namespace {

using Properties = std::map<std::string, std::string>;

Handle make(rd_kafka_type_t type, const std::string& brokers, const Properties& properties) {
  std::array<char, 512> error{};
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  Properties all = properties;
  all["bootstrap.servers"] = brokers;
  for (const auto& [name, value] : all)
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), error.data(), error.size()) != RD_KAFKA_CONF_OK)
      throw std::runtime_error(error.data());
  rd_kafka_t* handle = rd_kafka_new(type, conf, error.data(), error.size());
  if (handle == nullptr) throw std::runtime_error(error.data());
  return Handle(handle);
}

void expect(rd_kafka_resp_err_t code, const std::string& what) {
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(what + ": " + rd_kafka_err2str(code));
}

struct DestroyList {
  void operator()(rd_kafka_topic_partition_list_t* list) const { rd_kafka_topic_partition_list_destroy(list); }
};
using List = std::unique_ptr<rd_kafka_topic_partition_list_t, DestroyList>;

int partition_count(rd_kafka_t* client, const std::string& topic) {
  rd_kafka_topic_t* handle = rd_kafka_topic_new(client, topic.c_str(), nullptr);
  const struct rd_kafka_metadata* metadata = nullptr;
  const auto code = rd_kafka_metadata(client, 0, handle, &metadata, 10000);
  int count = 0;
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
    count = metadata->topics[0].partition_cnt;
    rd_kafka_metadata_destroy(metadata);
  }
  rd_kafka_topic_destroy(handle);
  expect(code, "metadata of " + topic);
  return count;
}

/// Runs an admin request and throws what the broker says of its one topic.
template <typename Request>
void run_admin(rd_kafka_t* client, rd_kafka_event_type_t type, Request request) {
  rd_kafka_queue_t* queue = rd_kafka_queue_new(client);
  request(queue);
  rd_kafka_event_t* event = rd_kafka_queue_poll(queue, 30000);
  std::string failure = event == nullptr ? "no answer to the admin request" : "";
  if (event != nullptr && rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR)
    failure = rd_kafka_event_error_string(event);
  if (event != nullptr && failure.empty()) {
    size_t count = 0;
    const rd_kafka_topic_result_t** results =
        type == RD_KAFKA_EVENT_CREATETOPICS_RESULT
            ? rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count)
            : rd_kafka_CreatePartitions_result_topics(rd_kafka_event_CreatePartitions_result(event), &count);
    for (size_t i = 0; i < count; ++i)
      if (rd_kafka_topic_result_error(results[i]) != RD_KAFKA_RESP_ERR_NO_ERROR)
        failure = rd_kafka_topic_result_error_string(results[i]);
  }
  if (event != nullptr) rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(queue);
  if (!failure.empty()) throw std::runtime_error(failure);
}

TestRecord to_record(const rd_kafka_message_t& message) {
  TestRecord record;
  record.key.assign(static_cast<const char*>(message.key), message.key_len);
  record.value.assign(static_cast<const char*>(message.payload), message.len);
  record.partition = message.partition;
  record.offset = message.offset;
  record.timestamp_ms = rd_kafka_message_timestamp(&message, nullptr);
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const char* name = nullptr;
    const void* value = nullptr;
    size_t size = 0;
    for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
      record.headers.emplace_back(name, std::string(static_cast<const char*>(value), size));
  }
  return record;
}

}  // namespace

Handle make_client(const std::string& brokers, const Properties& properties) {
  return make(RD_KAFKA_PRODUCER, brokers, properties);
}

Handle make_consumer(const std::string& brokers, const Properties& properties) {
  Properties all = {{"group.id", "tidewatch-test-reader"}, {"enable.auto.commit", "false"}};
  for (const auto& [name, value] : properties) all[name] = value;
  Handle consumer = make(RD_KAFKA_CONSUMER, brokers, all);
  rd_kafka_poll_set_consumer(consumer.get());
  return consumer;
}

void append(rd_kafka_t* producer, const std::string& topic, const TestRecord& record) {
  std::vector<rd_kafka_vu_t> fields(4);
  std::string key = record.key;
  std::string value = record.value;
  fields[0].vtype = RD_KAFKA_VTYPE_TOPIC;
  fields[0].u.cstr = topic.c_str();
  fields[1].vtype = RD_KAFKA_VTYPE_PARTITION;
  fields[1].u.i32 = record.partition < 0 ? RD_KAFKA_PARTITION_UA : record.partition;
  fields[2].vtype = RD_KAFKA_VTYPE_KEY;
  fields[2].u.mem = {key.data(), key.size()};
  fields[3].vtype = RD_KAFKA_VTYPE_VALUE;
  fields[3].u.mem = {value.data(), value.size()};
  rd_kafka_vu_t flags{};
  flags.vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  flags.u.i = RD_KAFKA_MSG_F_COPY;
  fields.push_back(flags);
  for (const auto& [name, content] : record.headers) {
    rd_kafka_vu_t header{};
    header.vtype = RD_KAFKA_VTYPE_HEADER;
    header.u.header = {name.c_str(), content.data(), static_cast<ssize_t>(content.size())};
    fields.push_back(header);
  }
  rd_kafka_error_t* failure = rd_kafka_produceva(producer, fields.data(), fields.size());
  if (failure == nullptr) return;
  const std::string text = rd_kafka_error_string(failure);
  rd_kafka_error_destroy(failure);
  throw std::runtime_error("produce to " + topic + ": " + text);
}

void KafkaBroker::create_topic(const std::string& name, int partitions, const Properties& config) {
  const Handle client = make_client(brokers_);
  std::array<char, 512> error{};
  rd_kafka_NewTopic_t* topic = rd_kafka_NewTopic_new(name.c_str(), partitions, 1, error.data(), error.size());
  if (topic == nullptr) throw std::runtime_error(error.data());
  for (const auto& [key, value] : config) rd_kafka_NewTopic_set_config(topic, key.c_str(), value.c_str());
  run_admin(client.get(), RD_KAFKA_EVENT_CREATETOPICS_RESULT,
            [&](rd_kafka_queue_t* queue) { rd_kafka_CreateTopics(client.get(), &topic, 1, nullptr, queue); });
  rd_kafka_NewTopic_destroy(topic);
  if (!eventually([&] { return partition_count(client.get(), name) == partitions; }))
    throw std::runtime_error(name + " was created but does not appear");
}

void KafkaBroker::add_partitions(const std::string& topic, int new_total) {
  const Handle client = make_client(brokers_);
  std::array<char, 512> error{};
  rd_kafka_NewPartitions_t* more =
      rd_kafka_NewPartitions_new(topic.c_str(), static_cast<size_t>(new_total), error.data(), error.size());
  if (more == nullptr) throw std::runtime_error(error.data());
  run_admin(client.get(), RD_KAFKA_EVENT_CREATEPARTITIONS_RESULT,
            [&](rd_kafka_queue_t* queue) { rd_kafka_CreatePartitions(client.get(), &more, 1, nullptr, queue); });
  rd_kafka_NewPartitions_destroy(more);
}

void KafkaBroker::produce(const std::string& topic, const std::vector<TestRecord>& records) {
  const Handle producer = make_client(brokers_, {{"linger.ms", "5"},
                                                 {"enable.idempotence", "true"},
                                                 {"partitioner", "murmur2_random"},
                                                 {"queue.buffering.max.messages", "10000000"}});
  for (const auto& record : records) {
    append(producer.get(), topic, record);
    rd_kafka_poll(producer.get(), 0);
  }
  expect(rd_kafka_flush(producer.get(), 60000), "flush of " + topic);
}

std::vector<TestRecord> KafkaBroker::read(const std::string& topic, const char* isolation) {
  const Handle ends = make_consumer(brokers_, {{"isolation.level", "read_uncommitted"}});
  const int partitions = partition_count(ends.get(), topic);
  std::map<int, int64_t> open;
  const List list(rd_kafka_topic_partition_list_new(partitions));
  for (int p = 0; p < partitions; ++p) {
    int64_t low = 0;
    int64_t high = 0;
    expect(rd_kafka_query_watermark_offsets(ends.get(), topic.c_str(), p, &low, &high, 10000), "end of " + topic);
    if (high > low) open[p] = high;
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), p)->offset = low;
  }
  const Handle reader = make_consumer(brokers_, {{"isolation.level", isolation}, {"enable.partition.eof", "true"}});
  expect(rd_kafka_assign(reader.get(), list.get()), "assign " + topic);
  std::map<int, std::vector<TestRecord>> records;
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  while (!open.empty()) {
    if (std::chrono::steady_clock::now() > give_up) throw std::runtime_error(topic + " could not be read to its end");
    rd_kafka_message_t* message = rd_kafka_consumer_poll(reader.get(), 500);
    if (message == nullptr) continue;
    const auto end = open.find(message->partition);
    if (end != open.end()) {
      // The end of a partition counts markers of transactions too: only "end of partition" says how far it was read.
      const bool past = message->offset >= end->second;
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR && !past)
        records[message->partition].push_back(to_record(*message));
      if (past || (message->err == RD_KAFKA_RESP_ERR_NO_ERROR && message->offset + 1 >= end->second)) open.erase(end);
    }
    rd_kafka_message_destroy(message);
  }
  std::vector<TestRecord> out;
  for (auto& [partition, some] : records) out.insert(out.end(), some.begin(), some.end());
  return out;
}

std::vector<TestRecord> KafkaBroker::read_all(const std::string& topic) { return read(topic, "read_committed"); }
std::vector<TestRecord> KafkaBroker::read_uncommitted(const std::string& topic) {
  return read(topic, "read_uncommitted");
}

int64_t KafkaBroker::committed_offset(const std::string& group, const std::string& topic, int partition,
                                      std::string* metadata) {
  const Handle consumer = make_consumer(brokers_, {{"group.id", group}});
  const List list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition);
  expect(rd_kafka_committed(consumer.get(), list.get(), 30000), "committed offset of " + group);
  const auto& entry = list->elems[0];
  if (metadata != nullptr) metadata->assign(static_cast<const char*>(entry.metadata), entry.metadata_size);
  return entry.offset < 0 ? -1 : entry.offset;
}

int64_t KafkaBroker::end_offset(const std::string& topic, int partition) {
  const Handle consumer = make_consumer(brokers_, {{"isolation.level", "read_uncommitted"}});
  int64_t low = 0;
  int64_t high = 0;
  expect(rd_kafka_query_watermark_offsets(consumer.get(), topic.c_str(), partition, &low, &high, 10000),
         "end of " + topic);
  return high;
}

}  // namespace tidewatch::kafka_test
