#include "stream/runtime/kafka_cluster.h"

#include <fmt/format.h>

namespace tidewatch::kafka {

Result<std::unique_ptr<Cluster>> Cluster::open(const KafkaOptions& options) {
  auto client = make_reader(options, "read_uncommitted");  // else `high` would be the last stable offset
  if (!client) return client.error();
  return std::unique_ptr<Cluster>(new Cluster(std::move(client).value()));
}

Result<std::map<std::string, int32_t>> Cluster::partition_counts(const std::vector<std::string>& topics,
                                                                 Duration timeout) {
  std::map<std::string, int32_t> counts;
  for (const auto& name : topics) {
    if (counts.contains(name)) continue;
    const Owned<rd_kafka_topic_t> topic(rd_kafka_topic_new(client_.get(), name.c_str(), nullptr));
    const struct rd_kafka_metadata* metadata = nullptr;
    const auto code = rd_kafka_metadata(client_.get(), 0, topic.get(), &metadata, milliseconds(timeout));
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(code, "ask the brokers for topic " + name);
    const auto& found = metadata->topics[0];
    const auto topic_code = found.err;
    counts[name] = topic_code == RD_KAFKA_RESP_ERR_NO_ERROR ? found.partition_cnt : 0;
    rd_kafka_metadata_destroy(metadata);
    if (topic_code != RD_KAFKA_RESP_ERR_NO_ERROR && topic_code != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART &&
        topic_code != RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC && topic_code != RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE)
      return error_of(topic_code, "describe topic " + name);
  }
  return counts;
}

Result<OffsetRange> Cluster::offsets(const std::string& topic, int32_t partition, Duration timeout) {
  OffsetRange out;
  const auto code = rd_kafka_query_watermark_offsets(client_.get(), topic.c_str(), partition, &out.low, &out.high,
                                                     milliseconds(timeout));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return error_of(code, fmt::format("ask for the offsets of {}/{}", topic, partition));
  return out;
}

}  // namespace tidewatch::kafka
