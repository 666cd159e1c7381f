#pragma once

#include <librdkafka/rdkafka.h>

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "detectors/core/result.h"
#include "stream/runtime/kafka_options.h"

/// Ownership, configuration and errors of librdkafka; for files that talk to Kafka.
namespace tidewatch::kafka {

struct Destroy {
  void operator()(rd_kafka_t* handle) const { rd_kafka_destroy(handle); }
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
  void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
  void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
  void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
  void operator()(rd_kafka_error_t* error) const { rd_kafka_error_destroy(error); }
  void operator()(rd_kafka_topic_partition_list_t* list) const { rd_kafka_topic_partition_list_destroy(list); }
  void operator()(rd_kafka_consumer_group_metadata_t* group) const { rd_kafka_consumer_group_metadata_destroy(group); }
};
template <typename T>
using Owned = std::unique_ptr<T, Destroy>;

using Client = Owned<rd_kafka_t>;
using Message = Owned<rd_kafka_message_t>;
using PartitionList = Owned<rd_kafka_topic_partition_list_t>;

using Properties = std::map<std::string, std::string>;

/// Configuration of a client: the user's properties, then `own`, which win. Errors: `bad_config` naming the property.
Result<Owned<rd_kafka_conf_t>> make_conf(const KafkaOptions& options, const Properties& own);
/// Errors: `bad_config`.
Result<Client> make_client(rd_kafka_type_t type, Owned<rd_kafka_conf_t> conf);
/// A consumer of no group that reads what it is assigned. `isolation`: read_committed or read_uncommitted.
Result<Client> make_reader(const KafkaOptions& options, const std::string& isolation);

/// `doing` completes "could not ...".
Error error_of(rd_kafka_resp_err_t code, const std::string& doing);

int milliseconds(Duration duration);

}  // namespace tidewatch::kafka
