#pragma once

#include <map>
#include <string>
#include <vector>

#include "kafka/kafka_broker.h"
#include "stream/runtime/kafka_options.h"
#include "stream/runtime/topology.h"

/// A small flow whose right answer is known exactly: a stateless source stage that forwards, and a stateful one that
/// counts per key and pane with short-lived state (open panes), long-lived state (totals) and map-side combining.
namespace tidewatch::kafka_test {

/// One input event: its id, the key it is counted for and its event time in seconds.
struct Event {
  std::string id;
  std::string key;
  int64_t second = 0;
};
inline constexpr int64_t kPaneSeconds = 10;

TestRecord to_record(const Event& event, int32_t partition);
std::vector<StageSpec> counting_topology();

/// Topics of one test, all named after it.
struct CountingTopics {
  std::string prefix;
  int inputs = 4;     ///< partitions of the input topic
  int internals = 3;  ///< of the internal ones
};
/// Creates all topics; options to run on them, with short timeouts.
KafkaOptions set_up(KafkaBroker& broker, const CountingTopics& topics);
KafkaOptions options_for(const std::string& brokers, const std::string& prefix, const std::string& instance);

/// What the flow wrote, and whether it is right.
struct Counted {
  std::map<std::string, int> seen;                ///< event id -> how often it was reported
  std::multimap<std::string, int64_t> panes;      ///< "key@pane" -> count
  std::map<std::string, std::string> totals;      ///< latest state of each key
  std::map<std::string, int64_t> combined_total;  ///< sums of the counts combined over commits, by key
  int late = 0;
};
Counted read_counted(KafkaBroker& broker, const std::string& prefix);

/// Empty when `counted` is exactly what `events` must give, else a sentence per difference (at most a few).
std::string difference(const Counted& counted, const std::vector<Event>& events);

/// Runs the flow in this process until it is killed or told to stop by SIGTERM: what a test starts as a child.
/// Returns the exit code.
int run_counting_process(const std::string& brokers, const std::string& prefix, const std::string& instance);

/// `per_partition` events in time order for each of `partitions` partitions, and one at the end that closes all panes.
std::vector<std::vector<Event>> make_events(int partitions, int per_partition);
std::vector<Event> flatten(const std::vector<std::vector<Event>>& events);

}  // namespace tidewatch::kafka_test
