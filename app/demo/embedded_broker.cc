#include "app/demo/embedded_broker.h"

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <utility>
// Needs rdkafka.h before it.
#include <librdkafka/rdkafka_mock.h>

#include "stream/runtime/kafka_client.h"

namespace tidewatch {

struct EmbeddedBroker::Impl {
  struct DestroyCluster {
    void operator()(rd_kafka_mock_cluster_t* mock) const { rd_kafka_mock_cluster_destroy(mock); }
  };
  kafka::Client host;  ///< whose threads the cluster lives in; it connects to nothing
  std::unique_ptr<rd_kafka_mock_cluster_t, DestroyCluster> cluster;
};

EmbeddedBroker::EmbeddedBroker(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)), address_(rd_kafka_mock_cluster_bootstraps(impl_->cluster.get())) {}

EmbeddedBroker::~EmbeddedBroker() = default;

Result<std::unique_ptr<EmbeddedBroker>> EmbeddedBroker::start() {
  auto conf = kafka::make_conf(KafkaOptions{}, {{"client.id", "embedded-broker"}});
  if (!conf) return conf.error();
  auto impl = std::make_unique<Impl>();
  auto host = kafka::make_client(RD_KAFKA_PRODUCER, std::move(conf).value());
  if (!host) return host.error();
  impl->host = std::move(host).value();
  impl->cluster.reset(rd_kafka_mock_cluster_new(impl->host.get(), 1));
  if (impl->cluster == nullptr)
    return Error{"broker_unavailable", "the embedded broker did not start: is there a free port on 127.0.0.1?"};
  return std::unique_ptr<EmbeddedBroker>(new EmbeddedBroker(std::move(impl)));
}

Status EmbeddedBroker::create_topic(const std::string& name, int32_t partitions) {
  const auto code = rd_kafka_mock_topic_create(impl_->cluster.get(), name.c_str(), partitions, 1);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return ok_status();
  return Error{"bad_topics", fmt::format("the embedded broker did not create {}: {}", name, rd_kafka_err2str(code))};
}

}  // namespace tidewatch
