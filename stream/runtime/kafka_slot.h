#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <vector>

#include "stream/runtime/kafka_options.h"
#include "stream/runtime/kafka_restore.h"
#include "stream/runtime/output_batch.h"
#include "stream/runtime/progress_window.h"
#include "stream/runtime/task.h"

namespace tidewatch::kafka {

using SteadyTime = std::chrono::steady_clock::time_point;

inline Timestamp wall_now() { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }

/// A task in a worker's hands: what it has collected since the last commit and how far it has read.
struct Slot {
  TaskPartition at;
  Stream stream;
  Task task;
  OutputBatch outputs;
  ProgressWindow window;
  int64_t start_offset = 0;       ///< where reading began
  int64_t committed_through = 0;  ///< input offset of the last commit
  bool at_end = false;            ///< read to the end of the partition, and nothing came since
  bool stall_reported = false;
  SteadyTime last_read;
  SteadyTime last_mark{};
  uint64_t records = 0;  ///< live records since the last commit
  uint64_t bytes = 0;
  uint64_t replayed = 0;

  /// For how long there has been nothing to read.
  Duration quiet(SteadyTime now) const { return at_end ? now - last_read : Duration::zero(); }
};
using Slots = std::map<TaskPartition, std::unique_ptr<Slot>>;

/// Builds a task from what is stored of it. `rejected` counts state records the stage did not take.
std::unique_ptr<Slot> make_slot(const KafkaOptions& options, const StageSpec& spec,
                                const std::vector<std::string>& expected_sources, Stream stream, StoredTask stored,
                                uint64_t& rejected);

/// Ends the slot's batch: event time for idle sources, then the stage's watermark.
void finish_batch(Slot& slot, const KafkaOptions& options, Timestamp now, SteadyTime steady_now);

}  // namespace tidewatch::kafka
