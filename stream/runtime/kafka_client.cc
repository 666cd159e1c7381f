#include "stream/runtime/kafka_client.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <array>
#include <string_view>

namespace tidewatch::kafka {
namespace {

/// librdkafka's own log lines. They name brokers, partitions and errors, never the content of records.
void log(const rd_kafka_t* handle, int level, const char* facility, const char* text) {
  // Properties of the other kind of client are meant for it: one list in the config serves both.
  const auto severity = std::string_view(facility) == "CONFWARN" ? spdlog::level::debug
                        : level <= 3                             ? spdlog::level::err
                        : level == 4                             ? spdlog::level::warn
                        : level <= 6                             ? spdlog::level::info
                                                                 : spdlog::level::debug;
  spdlog::log(severity, "kafka client={} facility={} {}", handle == nullptr ? "-" : rd_kafka_name(handle), facility,
              text);
}

Status set(rd_kafka_conf_t* conf, const std::string& name, const std::string& value) {
  std::array<char, 512> reason{};
  if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), reason.data(), reason.size()) == RD_KAFKA_CONF_OK)
    return ok_status();
  // The value may be a password: only the name and librdkafka's reason are shown.
  return Error{"bad_config", fmt::format("kafka.properties: {}: {}", name, reason.data())};
}

}  // namespace

Result<Owned<rd_kafka_conf_t>> make_conf(const KafkaOptions& options, const Properties& own) {
  Owned<rd_kafka_conf_t> conf(rd_kafka_conf_new());
  rd_kafka_conf_set_log_cb(conf.get(), log);
  Properties all = options.properties;
  all["bootstrap.servers"] = fmt::format("{}", fmt::join(options.brokers, ","));
  for (const auto& [name, value] : own) all[name] = value;
  for (const auto& [name, value] : all)
    if (const auto status = set(conf.get(), name, value); !status) return status.error();
  return conf;
}

Result<Client> make_client(rd_kafka_type_t type, Owned<rd_kafka_conf_t> conf) {
  std::array<char, 512> reason{};
  rd_kafka_t* handle = rd_kafka_new(type, conf.get(), reason.data(), reason.size());
  if (handle == nullptr) return Error{"bad_config", fmt::format("kafka: {}", reason.data())};
  [[maybe_unused]] const auto* owned_by_handle = conf.release();
  if (type == RD_KAFKA_CONSUMER) rd_kafka_poll_set_consumer(handle);
  return Client(handle);
}

Result<Client> make_reader(const KafkaOptions& options, const std::string& isolation) {
  auto conf = make_conf(options, {{"group.id", options.group_prefix + "-reader"},  // required, but never joined
                                  {"enable.auto.commit", "false"},
                                  {"enable.auto.offset.store", "false"},
                                  {"enable.partition.eof", "true"},
                                  {"auto.offset.reset", "earliest"},
                                  {"isolation.level", isolation}});
  if (!conf) return conf.error();
  return make_client(RD_KAFKA_CONSUMER, std::move(conf).value());
}

Error error_of(rd_kafka_resp_err_t code, const std::string& doing) {
  const char* kind = "kafka_error";
  switch (code) {
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__RESOLVE:
      kind = "broker_unavailable";
      break;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
      kind = "not_authorized";
      break;
    default:
      break;
  }
  return {kind, fmt::format("could not {}: {}", doing, rd_kafka_err2str(code))};
}

int milliseconds(Duration duration) {
  return static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

}  // namespace tidewatch::kafka
