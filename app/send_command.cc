#include "app/send_command.h"

#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <chrono>
#include <cstdlib>
#include <string>
#include <utility>

#include "stream/alert/command_reader.h"
#include "stream/publish/encoder.h"
#include "stream/publish/timestamps.h"
#include "stream/runtime/kafka_client.h"

namespace tidewatch {
namespace {

void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* result) {
  *static_cast<rd_kafka_resp_err_t*>(result) = message->err;
}

}  // namespace

Status send_command(const Config& config, v1::Command& command) {
  const auto now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  command.set_id(boost::uuids::to_string(boost::uuids::random_generator()()));
  *command.mutable_at() = to_proto(now);
  const char* user = std::getenv("USER");  // NOLINT(concurrency-mt-unsafe): nobody sets it
  if (command.by().empty() && user != nullptr) command.set_by(user);
  std::string value = encode(command, config.detect.format);
  Record record;
  record.append_time = now;
  record.value = value;
  if (const auto understood = read_command(record); !understood) return understood.error();

  auto conf = kafka::make_conf(config.kafka, {{"client.id", "tidewatch-command"}, {"enable.idempotence", "true"}});
  if (!conf) return conf.error();
  rd_kafka_resp_err_t delivered = RD_KAFKA_RESP_ERR__TIMED_OUT;
  rd_kafka_conf_set_dr_msg_cb(conf->get(), on_delivery);
  rd_kafka_conf_set_opaque(conf->get(), &delivered);
  auto client = kafka::make_client(RD_KAFKA_PRODUCER, std::move(conf).value());
  if (!client) return client.error();
  const std::string& topic = config.kafka.topics.of(Stream::commands);
  const kafka::Owned<rd_kafka_topic_t> to(rd_kafka_topic_new(client->get(), topic.c_str(), nullptr));
  if (rd_kafka_produce(to.get(), RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, value.data(), value.size(),
                       command.id().data(), command.id().size(), nullptr) != 0)
    return kafka::error_of(rd_kafka_last_error(), "write to " + topic);
  rd_kafka_flush(client->get(), kafka::milliseconds(config.kafka.broker_timeout));
  if (delivered != RD_KAFKA_RESP_ERR_NO_ERROR) {
    auto error = kafka::error_of(delivered, "write to " + topic);
    if (delivered == RD_KAFKA_RESP_ERR__TIMED_OUT || delivered == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT)
      error.code = "broker_unavailable";
    return error;
  }
  return ok_status();
}

}  // namespace tidewatch
