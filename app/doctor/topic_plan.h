#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "app/config/config.h"
#include "stream/runtime/kafka_admin.h"

namespace tidewatch::doctor {

enum class TopicRole : uint8_t {
  input,     ///< others write it; may be missing
  internal,  ///< Tidewatch writes and reads it
  output,    ///< Tidewatch writes it
};

/// How a topic must be for the flow of a config to be right.
struct TopicPlan {
  Stream stream = Stream::traces;
  std::string name;
  TopicRole role = TopicRole::input;
  bool is_read = false;     ///< by stages
  bool is_written = false;  ///< by stages
  bool has_state = false;   ///< a stage that reads it keeps state: the topic of states has at least as many partitions
  bool is_compacted = false;   ///< the latest record of each key is kept for good
  bool is_replayed = false;    ///< read again after a restart: a compacted one would lack records
  Duration replayed_for = {};  ///< how far back a restart reads
};

/// Every topic of the config, inputs first.
std::vector<TopicPlan> topic_plans(const Config& config);

/// What `--fix` is told.
struct FixOptions {
  int32_t partitions = 4;
};

/// A change of the cluster that makes a topic as planned.
struct TopicFix {
  kafka::TopicRequest request;  ///< of an existing topic only name and partitions count
  bool exists = false;
};

/// What is to be created or widened. Replication: 3, or as many as there are brokers if fewer; with 3, two must have a
/// record before it counts as written. Topics that are replayed are kept for a day, or four times as long as a replay
/// reaches if that is longer; other topics as long as the cluster keeps topics.
std::vector<TopicFix> fixes(const std::vector<TopicPlan>& plans, const kafka::ClusterDescription& cluster,
                            const FixOptions& options);

}  // namespace tidewatch::doctor
