#pragma once

#include <atomic>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "stream/runtime/checkpoint.h"
#include "stream/runtime/kafka_client.h"
#include "stream/runtime/kafka_cluster.h"
#include "stream/runtime/topology.h"
#include "tidewatch/v1/progress.pb.h"

namespace tidewatch::kafka {

/// A partition of a stage's input, as assigned.
struct TaskPartition {
  std::string topic;
  int32_t partition = 0;
  auto operator<=>(const TaskPartition&) const = default;
};

/// What a task starts from.
struct StoredTask {
  TaskPartition at;
  Checkpoint checkpoint;
  int64_t start_offset = 0;                                ///< first input record to read
  std::map<std::string, std::string> state;                ///< latest value per key, the stage's prefix taken off
  std::vector<std::pair<int64_t, v1::Progress>> progress;  ///< with offsets in the progress topic, in order
  uint64_t records_read = 0;                               ///< of both topics
};

/// Key of a task's entries in the progress topic.
std::string progress_key(const std::string& stage, const TaskPartition& at);

/// Reads what is committed of tasks: checkpoints, compacted state, progress entries. Safe while a previous owner's
/// transaction is still open: it is waited for.
class Restorer {
 public:
  /// References outlive the restorer. `progress_partitions`: of the progress topic.
  Restorer(const KafkaOptions& options, const StageSpec& spec, Cluster& cluster, int32_t progress_partitions,
           const std::atomic<bool>& stop);

  /// `consumer`: a member of the stage's group. Errors: `stopped`, `bad_checkpoint`, `restore_stalled`, `kafka_error`,
  /// `broker_unavailable`.
  Result<std::vector<StoredTask>> restore(rd_kafka_t* consumer, const std::vector<TaskPartition>& partitions);

 private:
  Status read_checkpoints(rd_kafka_t* consumer, std::vector<StoredTask>& tasks);
  Status place(StoredTask& task, const rd_kafka_topic_partition_t& committed);
  Stream input_of(const std::string& topic) const;
  Status read_stored(std::vector<StoredTask>& tasks);

  const KafkaOptions& options_;
  const StageSpec& spec_;
  Cluster& cluster_;
  int32_t progress_partitions_;
  const std::atomic<bool>& stop_;
};

}  // namespace tidewatch::kafka
