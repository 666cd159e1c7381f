#include "stream/runtime/kafka_admin.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <string_view>
#include <utility>

namespace tidewatch::kafka {
namespace {

struct DestroyAdmin {
  void operator()(rd_kafka_NewTopic_t* topic) const { rd_kafka_NewTopic_destroy(topic); }
  void operator()(rd_kafka_NewPartitions_t* more) const { rd_kafka_NewPartitions_destroy(more); }
  void operator()(rd_kafka_ConfigResource_t* resource) const { rd_kafka_ConfigResource_destroy(resource); }
  void operator()(rd_kafka_AdminOptions_t* options) const { rd_kafka_AdminOptions_destroy(options); }
  void operator()(const struct rd_kafka_metadata* metadata) const { rd_kafka_metadata_destroy(metadata); }
};
template <typename T>
using OwnedAdmin = std::unique_ptr<T, DestroyAdmin>;

bool is_unknown_topic(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;
}

TopicDescription description_of(const rd_kafka_metadata_topic_t& found) {
  TopicDescription out;
  if (is_unknown_topic(found.err)) return out;
  if (found.err != RD_KAFKA_RESP_ERR_NO_ERROR && found.err != RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE) {
    out.error = error_of(found.err, fmt::format("describe topic {}", found.topic));
    return out;
  }
  out.exists = found.partition_cnt > 0;
  out.partitions = found.partition_cnt;
  for (int i = 0; i < found.partition_cnt; ++i) {
    const auto& partition = found.partitions[i];
    out.replicas = i == 0 ? partition.replica_cnt : std::min(out.replicas, partition.replica_cnt);
    if (partition.leader < 0) ++out.offline_partitions;
  }
  return out;
}

/// Sends an admin request and waits for its answer.
Result<Owned<rd_kafka_event_t>> ask(rd_kafka_t* client, rd_kafka_admin_op_t kind, Duration timeout,
                                    const std::string& doing,
                                    const std::function<void(rd_kafka_AdminOptions_t*, rd_kafka_queue_t*)>& send) {
  const OwnedAdmin<rd_kafka_AdminOptions_t> options(rd_kafka_AdminOptions_new(client, kind));
  std::array<char, 512> reason{};
  rd_kafka_AdminOptions_set_request_timeout(options.get(), milliseconds(timeout), reason.data(), reason.size());
  const Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(client));
  send(options.get(), queue.get());
  // The request itself ends by its timeout; the wait is a little longer, so that its own error is seen.
  Owned<rd_kafka_event_t> event(rd_kafka_queue_poll(queue.get(), milliseconds(timeout) + 1000));
  if (event == nullptr) return error_of(RD_KAFKA_RESP_ERR__TIMED_OUT, doing);
  const auto code = rd_kafka_event_error(event.get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(code, doing);
  return event;
}

/// The broker's answer about one topic.
Status status_of(const rd_kafka_topic_result_t** results, size_t count, const std::string& doing) {
  for (size_t i = 0; i < count; ++i) {
    const auto code = rd_kafka_topic_result_error(results[i]);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    const char* words = rd_kafka_topic_result_error_string(results[i]);
    return Error{error_of(code, doing).code,
                 fmt::format("could not {}: {}", doing, words == nullptr ? rd_kafka_err2str(code) : words)};
  }
  return ok_status();
}

Result<TopicConfig> config_of(const rd_kafka_ConfigResource_t& resource) {
  const auto code = rd_kafka_ConfigResource_error(&resource);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return error_of(code, fmt::format("read the configuration of {}", rd_kafka_ConfigResource_name(&resource)));
  TopicConfig out;
  size_t count = 0;
  const auto* const* entries = rd_kafka_ConfigResource_configs(&resource, &count);
  for (size_t i = 0; i < count; ++i) {
    const char* value = rd_kafka_ConfigEntry_value(entries[i]);
    out[rd_kafka_ConfigEntry_name(entries[i])] = value == nullptr ? "" : value;
  }
  return out;
}

}  // namespace

Result<std::unique_ptr<Admin>> Admin::open(const KafkaOptions& options) {
  auto client = make_reader(options, "read_committed");
  if (!client) return client.error();
  return std::unique_ptr<Admin>(new Admin(std::move(client).value()));
}

Result<ClusterDescription> Admin::describe(const std::vector<std::string>& topics, Duration timeout) {
  ClusterDescription out;
  for (const auto& name : topics) {
    if (out.topics.contains(name)) continue;
    const Owned<rd_kafka_topic_t> topic(rd_kafka_topic_new(client_.get(), name.c_str(), nullptr));
    if (topic == nullptr) return error_of(rd_kafka_last_error(), "ask for topic " + name);
    const struct rd_kafka_metadata* found = nullptr;
    const auto code = rd_kafka_metadata(client_.get(), 0, topic.get(), &found, milliseconds(timeout));
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(code, "ask the brokers for topic " + name);
    const OwnedAdmin<const struct rd_kafka_metadata> metadata(found);
    out.topics[name] = description_of(metadata->topics[0]);
    out.brokers.clear();
    for (int i = 0; i < metadata->broker_cnt; ++i)
      out.brokers.push_back(fmt::format("{}:{}", metadata->brokers[i].host, metadata->brokers[i].port));
  }
  return out;
}

Result<std::map<std::string, Result<TopicConfig>>> Admin::configs(const std::vector<std::string>& topics,
                                                                  Duration timeout) {
  std::map<std::string, Result<TopicConfig>> out;
  if (topics.empty()) return out;
  std::vector<OwnedAdmin<rd_kafka_ConfigResource_t>> owned;
  std::vector<rd_kafka_ConfigResource_t*> resources;
  for (const auto& name : topics) {
    owned.emplace_back(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name.c_str()));
    resources.push_back(owned.back().get());
  }
  auto event = ask(client_.get(), RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, timeout, "read the configuration of topics",
                   [&](rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                     rd_kafka_DescribeConfigs(client_.get(), resources.data(), resources.size(), options, queue);
                   });
  if (!event) return event.error();
  size_t count = 0;
  const auto* const* found =
      rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event->get()), &count);
  for (size_t i = 0; i < count; ++i) out.insert_or_assign(rd_kafka_ConfigResource_name(found[i]), config_of(*found[i]));
  return out;
}

Status Admin::create(const TopicRequest& request, Duration timeout) {
  const std::string doing = "create topic " + request.name;
  std::array<char, 512> reason{};
  const OwnedAdmin<rd_kafka_NewTopic_t> topic(
      rd_kafka_NewTopic_new(request.name.c_str(), request.partitions, request.replicas, reason.data(), reason.size()));
  if (topic == nullptr) return Error{"bad_config", fmt::format("could not {}: {}", doing, reason.data())};
  for (const auto& [name, value] : request.config)
    rd_kafka_NewTopic_set_config(topic.get(), name.c_str(), value.c_str());
  rd_kafka_NewTopic_t* list = topic.get();
  const auto event = ask(client_.get(), RD_KAFKA_ADMIN_OP_CREATETOPICS, timeout, doing,
                         [&](rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                           rd_kafka_CreateTopics(client_.get(), &list, 1, options, queue);
                         });
  if (!event) return event.error();
  size_t count = 0;
  const auto* result = rd_kafka_event_CreateTopics_result(event->get());
  const rd_kafka_topic_result_t** topics = rd_kafka_CreateTopics_result_topics(result, &count);
  return status_of(topics, count, doing);
}

Status Admin::add_partitions(const std::string& topic, int32_t total, Duration timeout) {
  const std::string doing = fmt::format("raise {} to {} partitions", topic, total);
  std::array<char, 512> reason{};
  const OwnedAdmin<rd_kafka_NewPartitions_t> more(
      rd_kafka_NewPartitions_new(topic.c_str(), static_cast<size_t>(total), reason.data(), reason.size()));
  if (more == nullptr) return Error{"bad_config", fmt::format("could not {}: {}", doing, reason.data())};
  rd_kafka_NewPartitions_t* list = more.get();
  const auto event = ask(client_.get(), RD_KAFKA_ADMIN_OP_CREATEPARTITIONS, timeout, doing,
                         [&](rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                           rd_kafka_CreatePartitions(client_.get(), &list, 1, options, queue);
                         });
  if (!event) return event.error();
  size_t count = 0;
  const auto* result = rd_kafka_event_CreatePartitions_result(event->get());
  const rd_kafka_topic_result_t** topics = rd_kafka_CreatePartitions_result_topics(result, &count);
  return status_of(topics, count, doing);
}

}  // namespace tidewatch::kafka
