#include "app/alerts/alert_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <tuple>
#include <utility>

#include "stream/publish/decode.h"
#include "stream/publish/timestamps.h"
#include "stream/runtime/kafka_cluster.h"
#include "stream/runtime/kafka_reader.h"
#include "tidewatch/v1/state.pb.h"

namespace tidewatch {
namespace {

constexpr std::string_view kSilences = "alert/silence/";
constexpr std::string_view kEvents = "alert/expected/";
constexpr std::string_view kOfDetect = "detect/";

/// Takes in the latest of a compacted record; an empty value is a tombstone.
template <typename Message>
void take(const kafka::StoredRecord& record, std::map<std::string, Message>& into) {
  const std::string key(record.key);
  into.erase(key);
  Message message;
  if (!record.value.empty() && message.ParseFromArray(record.value.data(), static_cast<int>(record.value.size())))
    into.emplace(key, std::move(message));
}

/// The one of `ids` that begins with `prefix`.
Result<std::string> only_one(const std::set<std::string>& ids, std::string_view prefix, std::string_view what) {
  std::vector<std::string> found;
  for (auto at = ids.lower_bound(std::string(prefix)); at != ids.end() && at->starts_with(prefix); ++at)
    found.push_back(*at);
  if (found.size() == 1 || (!found.empty() && found.front() == prefix)) return found.front();
  if (found.empty()) return Error{"not_found", fmt::format("{} begins with \"{}\"", what, prefix)};
  return Error{"ambiguous", fmt::format("{} ids begin with \"{}\": {}, {}, ...; write more of it", found.size(), prefix,
                                        found[0], found[1])};
}

}  // namespace

Result<AlertStore> AlertStore::read(const Config& config) {
  const KafkaOptions& kafka = config.kafka;
  auto cluster = kafka::Cluster::open(kafka);
  if (!cluster) return cluster.error();
  const std::string& alerts_topic = kafka.topics.of(Stream::alerts_state);
  const std::string& state_topic = kafka.topics.of(Stream::state);
  const auto partitions = (*cluster)->partition_counts({alerts_topic, state_topic}, kafka.broker_timeout);
  if (!partitions) return partitions.error();
  std::vector<kafka::ReadRange> ranges;
  for (const auto& [topic, count] : *partitions) {
    if (count == 0)
      return Error{"bad_config", fmt::format("the topic {} does not exist; tidewatch doctor --fix creates it", topic)};
    for (int32_t partition = 0; partition < count; ++partition) {
      const auto range = (*cluster)->offsets(topic, partition, kafka.broker_timeout);
      if (!range) return range.error();
      if (range->high > range->low) ranges.push_back({topic, partition, range->low, range->high});
    }
  }
  std::map<std::string, v1::Alert> alerts;
  std::map<std::string, v1::SilenceState> silences;
  std::map<std::string, v1::ExpectedState> events;
  std::map<std::string, uint32_t> series;
  const std::atomic<bool> stop = false;
  const auto status =
      kafka::read_committed(kafka, ranges, kafka.broker_timeout, stop, [&](const kafka::StoredRecord& record) {
        const std::string key(record.key);
        if (record.topic == alerts_topic) {
          if (v1::Alert alert; decode(record.value, alert)) alerts.insert_or_assign(key, std::move(alert));
        } else if (record.key.starts_with(kSilences)) {
          take(record, silences);
        } else if (record.key.starts_with(kEvents)) {
          take(record, events);
        } else if (record.key.starts_with(kOfDetect)) {
          v1::EntityState state;  // of which one number is kept
          series[key] =
              state.ParseFromArray(record.value.data(), static_cast<int>(record.value.size())) ? state.series() : 0;
        }
      });
  if (!status) return status.error();
  AlertStore out;
  for (auto& [id, alert] : alerts) out.alerts.push_back(std::move(alert));
  for (auto& [id, state] : silences) out.silences.push_back(std::move(state));
  for (auto& [id, state] : events) out.events.push_back(std::move(state));
  for (const auto& [key, count] : series) out.series += count;
  std::sort(out.events.begin(), out.events.end(), [](const v1::ExpectedState& a, const v1::ExpectedState& b) {
    return std::tuple(from_proto(a.event().from()), a.event().id()) <
           std::tuple(from_proto(b.event().from()), b.event().id());
  });
  std::sort(out.alerts.begin(), out.alerts.end(), [](const v1::Alert& a, const v1::Alert& b) {
    return std::tuple(from_proto(a.starts_at()), a.id()) < std::tuple(from_proto(b.starts_at()), b.id());
  });
  std::sort(out.silences.begin(), out.silences.end(), [](const v1::SilenceState& a, const v1::SilenceState& b) {
    return std::tuple(from_proto(a.silence().until()), a.silence().id()) <
           std::tuple(from_proto(b.silence().until()), b.silence().id());
  });
  return out;
}

Result<AlertStore::Target> AlertStore::target(std::string_view prefix) const {
  std::set<std::string> ids;
  std::set<std::string> incidents;
  for (const v1::Alert& alert : alerts) {
    if (alert.state() != "firing") continue;
    ids.insert(alert.id());
    ids.insert(alert.incident_id());
    incidents.insert(alert.incident_id());
  }
  auto found = only_one(ids, prefix, "no alert that fires and no open incident");
  if (!found) return found.error();
  Target out;
  (incidents.contains(*found) ? out.incident_id : out.alert_id) = std::move(*found);
  return out;
}

Result<std::vector<std::string>> AlertStore::alert_ids(std::string_view prefix) const {
  std::set<std::string> ids;
  for (const v1::Alert& alert : alerts) ids.insert({alert.id(), alert.incident_id()});
  const auto found = only_one(ids, prefix, "no alert and no incident");
  if (!found) return found.error();
  std::vector<std::string> out;
  for (const v1::Alert& alert : alerts)
    if (alert.id() == *found || alert.incident_id() == *found) out.push_back(alert.id());
  return out;
}

Result<std::string> AlertStore::event(std::string_view prefix) const {
  std::set<std::string> ids;
  for (const auto& state : events) ids.insert(state.event().id());
  return only_one(ids, prefix, "no announced event");
}

Result<std::string> AlertStore::silence(std::string_view prefix) const {
  std::set<std::string> ids;
  for (const auto& state : silences) ids.insert(state.silence().id());
  return only_one(ids, prefix, "no silence");
}

}  // namespace tidewatch
