#include "app/demo/output_reader.h"

#include <algorithm>
#include <utility>

namespace tidewatch {

Result<OutputReader> OutputReader::open(const KafkaOptions& options, std::initializer_list<Stream> streams) {
  auto client = kafka::make_reader(options, "read_committed");
  if (!client) return client.error();
  const kafka::PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(streams.size())));
  for (const Stream stream : streams)
    rd_kafka_topic_partition_list_add(list.get(), options.topics.of(stream).c_str(), 0)->offset = 0;
  const auto code = rd_kafka_assign(client->get(), list.get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return kafka::error_of(code, "read the output topics");
  return OutputReader(options, streams, std::move(client).value());
}

Status OutputReader::poll(Duration patience, const Receive& receive) {
  for (;;) {
    const kafka::Message message(rd_kafka_consumer_poll(client_.get(), kafka::milliseconds(patience)));
    if (message == nullptr) return ok_status();
    patience = Duration::zero();
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) continue;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) return kafka::error_of(message->err, "read the output topics");
    const std::string_view topic = rd_kafka_topic_name(message->rkt);
    const auto stream =
        std::find_if(streams_.begin(), streams_.end(), [&](Stream one) { return options_->topics.of(one) == topic; });
    receive(*stream, {static_cast<const char*>(message->payload), message->len});
  }
}

}  // namespace tidewatch
