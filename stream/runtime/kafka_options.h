#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "detectors/core/time.h"
#include "stream/publish/wire_format.h"
#include "stream/runtime/record.h"

namespace tidewatch {

/// Kafka topic of each stream. Names of public input topics have no prefix: other programs write them.
class TopicNames {
 public:
  TopicNames();  ///< the defaults: otlp_spans, otlp_logs, llm.feedback, llm.evaluations, tidewatch.*
  const std::string& of(Stream stream) const { return names_[static_cast<size_t>(stream)]; }
  void set(Stream stream, std::string name) { names_[static_cast<size_t>(stream)] = std::move(name); }

 private:
  std::array<std::string, kStreamCount> names_;
};

/// What a source partition that is read to its end says of event time.
enum class IdlePolicy {
  advance,  ///< time goes on by the wall clock, `idle_allowance` behind it: panes close although nothing happens; no
            ///< record is believed to be of a later time than it is read
  hold,     ///< time stands until data comes; other partitions do not wait for it
};

/// How the Kafka runner works; the defaults are good for production.
struct KafkaOptions {
  std::vector<std::string> brokers;               ///< host:port
  std::map<std::string, std::string> properties;  ///< librdkafka's; what exactly-once needs cannot be overridden
  TopicNames topics;
  std::string group_prefix = "tidewatch";  ///< a stage's consumer group is <prefix>-<stage>

  /// Name of this process, unique among those that share the work and the same after a restart: transactional ids are
  /// <prefix>-<stage>-<instance>-<thread>, so that a restarted process ends what its predecessor left open.
  std::string instance;
  bool static_membership = false;  ///< a restart within the session timeout keeps its partitions without a rebalance
  int threads_per_stage = 1;

  Duration commit_interval = std::chrono::milliseconds(200);
  size_t commit_bytes = 8 << 20;  ///< of outputs collected; whichever comes first
  Duration stall_timeout = std::chrono::minutes(1);

  IdlePolicy idle_policy = IdlePolicy::advance;
  Duration idle_after = std::chrono::seconds(5);       ///< read to its end for so long: others do not wait for it
  Duration idle_allowance = std::chrono::seconds(30);  ///< >= idle_after

  Duration transaction_timeout = std::chrono::seconds(20);  ///< for how long a killed process can hold readers back
  Duration session_timeout = std::chrono::seconds(10);      ///< after which its partitions go to others
  Duration broker_timeout = std::chrono::seconds(30);       ///< at start: then `broker_unavailable`
  size_t dead_letter_bytes = size_t{64} * 1024;
  WireFormat format = WireFormat::json;  ///< of dead letters

  std::string group_of(const std::string& stage) const { return group_prefix + "-" + stage; }
};

}  // namespace tidewatch
