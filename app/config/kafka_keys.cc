#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <array>
#include <memory>

#include "app/config/tables.h"

namespace tidewatch::config {
namespace {

using namespace std::chrono_literals;

/// Properties that the runner sets itself because exactly-once depends on them, and what to write instead.
struct OwnProperty {
  std::string_view name;
  std::string_view hint;
};
constexpr auto kOwnProperties = std::to_array<OwnProperty>({
    {"bootstrap.servers", "write it as kafka.brokers"},
    {"metadata.broker.list", "write it as kafka.brokers"},
    {"group.id", "write its beginning as kafka.group_prefix"},
    {"group.instance.id", "write kafka.instance and kafka.static_membership"},
    {"client.id", "Tidewatch sets it by stage and thread"},
    {"transactional.id", "Tidewatch makes it from kafka.group_prefix and kafka.instance"},
    {"transaction.timeout.ms", "write it as kafka.transaction_timeout"},
    {"session.timeout.ms", "write it as kafka.session_timeout"},
    {"heartbeat.interval.ms", "it follows from kafka.session_timeout"},
    {"enable.auto.commit", "offsets are committed in the transactions"},
    {"enable.auto.offset.store", "offsets are committed in the transactions"},
    {"enable.idempotence", "transactions need it"},
    {"enable.partition.eof", "idle partitions are recognised by it"},
    {"isolation.level", "only committed records are read"},
    {"partition.assignment.strategy", "the runner needs cooperative-sticky"},
    {"partitioner", "traces meet in one partition by it"},
});

/// Properties whose values are secret: they do not stand in a config, which is shown, mailed and versioned.
constexpr auto kSecretProperties =
    std::to_array<std::string_view>({"sasl.password", "sasl.oauthbearer.client.secret", "sasl.oauthbearer.config",
                                     "ssl.key.password", "ssl.key.pem", "ssl.keystore.password"});

struct DestroyConf {
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
};
using Conf = std::unique_ptr<rd_kafka_conf_t, DestroyConf>;

std::vector<std::string> property_names() {
  const Conf conf(rd_kafka_conf_new());
  size_t count = 0;
  const char** dump = rd_kafka_conf_dump(conf.get(), &count);
  std::vector<std::string> out;
  for (size_t i = 0; i + 1 < count; i += 2) out.emplace_back(dump[i]);
  rd_kafka_conf_dump_free(dump, count);
  return out;
}

void check_property(Reader& reader, const Entry& entry, const Scalar& value) {
  // Setting this one loads code.
  if (entry.key == "plugin.library.paths") return;
  for (const auto& own : kOwnProperties)
    if (own.name == entry.key)
      return reader.error(entry.mark, entry.value.path, fmt::format("is not yours to set: {}", own.hint));
  if (value.reference.empty() &&
      std::find(kSecretProperties.begin(), kSecretProperties.end(), entry.key) != kSecretProperties.end())
    return reader.error(entry.value, "is secret; write ${env:NAME} or ${file:PATH} in place of the value");
  const Conf conf(rd_kafka_conf_new());
  std::array<char, 512> reason{};
  switch (rd_kafka_conf_set(conf.get(), entry.key.c_str(), value.value.c_str(), reason.data(), reason.size())) {
    case RD_KAFKA_CONF_OK:
      return;
    case RD_KAFKA_CONF_UNKNOWN: {
      const auto names = property_names();
      return reader.error(
          entry.mark, entry.value.path,
          in_quotes(entry.key) + " " + unknown_name("property of librdkafka", entry.key, {names.begin(), names.end()}));
    }
    default:
      // librdkafka's own words contain the value, which may be secret.
      return reader.error(entry.value, value.reference.empty() ? std::string(reason.data())
                                                               : value.in_words() + " is not accepted by librdkafka");
  }
}

using Properties = std::map<std::string, std::string>;

Type<Properties> properties() {
  return {.read = [](Reader& reader, const Place& place) -> std::optional<Properties> {
            const auto entries = reader.map(place, "a map of librdkafka's properties");
            if (!entries) return std::nullopt;
            Properties out;
            for (const Entry& entry : *entries) {
              const auto value = reader.scalar(entry.value, "a single value");
              if (!value) continue;
              check_property(reader, entry, *value);
              out[entry.key] = value->value;
            }
            return out;
          },
          .show = [](const Properties& values) { return Json(values); },
          .schema = {{"type", "object"},
                     {"additionalProperties", {{"type", Json::array({"string", "number", "boolean"})}}}},
          .limits = {}};
}

Type<std::vector<std::string>> brokers() {
  const std::string one = R"(([A-Za-z_]+://)?(\[[0-9a-fA-F:.]+\]|[^\s,/:\[\]]+)(:[0-9]{1,5})?)";
  // One text may name several, as variables of the environment do; librdkafka takes them so.
  return one_or_more(text_like(one + "(," + one + ")*", "is no broker; write host:port, as in localhost:9092"),
                     "a list of brokers");
}

}  // namespace

Key<Config> kafka_key() {
  const auto of = [](auto member) { return at(&Config::kafka, member); };
  const std::string names = "[A-Za-z0-9._-]+";
  const std::string otherwise = "is no such name; use letters, digits, `.`, `_` and `-`";
  return section<Config>(
      "kafka",
      {.keys = {key<Config>("brokers", of(&KafkaOptions::brokers), brokers(), "host:port of one or more brokers"),
                key<Config>("properties", of(&KafkaOptions::properties), properties(),
                            "librdkafka's properties, as in security.protocol"),
                key<Config>("group_prefix", of(&KafkaOptions::group_prefix), text_like(names, otherwise),
                            "consumer groups are <group_prefix>-<stage>"),
                key<Config>("instance", of(&KafkaOptions::instance), text_like(names, otherwise),
                            "name of this process, unique among those that share the work and the same after a "
                            "restart; the host's name when not written"),
                key<Config>("static_membership", of(&KafkaOptions::static_membership), boolean(),
                            "a restart within session_timeout keeps its partitions"),
                key<Config>("threads_per_stage", of(&KafkaOptions::threads_per_stage), integer<int>(1, 256),
                            "consumers by stage in this process"),
                key<Config>("transaction_timeout", of(&KafkaOptions::transaction_timeout), duration(1s, 15min),
                            "for how long a killed process can hold readers back"),
                key<Config>("session_timeout", of(&KafkaOptions::session_timeout), duration(1s, 30min),
                            "after which a silent process's partitions go to others"),
                key<Config>("broker_timeout", of(&KafkaOptions::broker_timeout), duration(1s, 1h),
                            "for how long brokers are waited for at start"),
                key<Config>("dead_letter_bytes", of(&KafkaOptions::dead_letter_bytes), size_bytes(0, 1 << 20),
                            "of an unreadable record that are kept in the dead-letter topic")},
       .more = {},
       .refused = {}},
      "how to reach Kafka and share the work");
}

Key<Config> topics_key() {
  Table<Config> table;
  for (int i = 0; i < kStreamCount; ++i) {
    const auto stream = static_cast<Stream>(i);
    const auto type = text_like("[A-Za-z0-9._-]{1,249}", "is no topic name; use letters, digits, `.`, `_` and `-`");
    Key<Config> topic;
    topic.name = std::string(name_of(stream));
    topic.help = fmt::format("topic of {}", topic.name);
    topic.read = [=](Reader& reader, const Place& place, Config& config) {
      if (auto name = type.read(reader, place)) config.kafka.topics.set(stream, *name);
    };
    topic.show = [=](const Config& config) -> Json { return config.kafka.topics.of(stream); };
    topic.schema = type.schema;
    topic.schema["description"] = topic.help;
    topic.schema["default"] = TopicNames().of(stream);
    table.keys.push_back(std::move(topic));
  }
  return section<Config>("topics", table, "Kafka topic of each stream");
}

}  // namespace tidewatch::config
