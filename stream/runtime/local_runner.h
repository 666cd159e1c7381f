#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stream/runtime/output_batch.h"
#include "stream/runtime/task.h"

namespace tidewatch {

/// A record of the local runner's logs.
struct LocalRecord {
  std::string key;
  std::string value;
  std::vector<Header> headers;
  Timestamp append_time = kMinTimestamp;
};

/// Drives the same stages as the Kafka runner over partitioned logs in memory: deterministic, single thread, no clock.
/// For backtests, golden tests and simulation; it is no broker: it holds everything that was ever appended or, without
/// `keep_history`, what was not read yet, and then no task can be crashed.
///
/// Every step is one commit: outputs, marks, progress, state and checkpoint become visible together or, when the task
/// crashes before, not at all.
class LocalRunner {
 public:
  struct Options {
    int32_t partitions = 1;  ///< of every internal and output stream
    Duration stall_timeout = std::chrono::hours(24 * 365);
    size_t dead_letter_bytes = size_t{64} * 1024;
    bool keep_history = true;
    /// Sources that are read to their end are waited for until end_input() says that no more will come; otherwise they
    /// are idle, and the others go on without them.
    bool waits_for_sources = false;
  };
  /// `input_partitions`: of each stream that stages read from outside.
  LocalRunner(Options options, std::vector<StageSpec> topology, const std::map<Stream, int32_t>& input_partitions);
  ~LocalRunner();

  /// Appends an input record.
  void append(Stream stream, int32_t partition, LocalRecord record);
  /// No more input will come: sources read to their end say that event time is `at`, by default that it has ended.
  void end_input(Timestamp at = kMaxTimestamp);
  /// The same of one partition, where event time has ended.
  void end_input(Stream stream, int32_t partition);

  size_t tasks() const { return tasks_.size(); }
  /// One batch of at most `max_records` of a task, and its commit; false when that changed nothing.
  bool step(size_t task, size_t max_records);
  /// A batch that is processed and then lost before its commit, with the task: what kill -9 does.
  void crash(size_t task, size_t max_records);
  /// Steps all tasks in turn until nothing changes.
  void run(size_t max_records = 1000);

  /// All data records of an output stream (no marks), by partition and offset.
  std::vector<LocalRecord> records(Stream stream) const;
  /// The same, and forgets them.
  std::vector<LocalRecord> take_records(Stream stream);
  /// The compacted state of a stage, by key, over all partitions.
  std::map<std::string, std::string> state(std::string_view stage) const;
  /// What the task that reads this partition says of event time; kMinTimestamp when no stage reads it.
  Timestamp watermark_of(Stream stream, int32_t partition) const;
  /// Counts of all tasks by (name, label); of committed batches only.
  const std::map<std::pair<std::string, std::string>, uint64_t>& counts() const { return counts_; }

 private:
  /// A partition: records from offset `first` on.
  struct Log {
    std::deque<LocalRecord> records;
    int64_t first = 0;
    int64_t end() const { return first + static_cast<int64_t>(records.size()); }
  };
  struct Slot;

  int32_t partitions_of(Stream stream) const;
  std::vector<Log>& logs_of(Stream stream);
  void start(Slot& slot);
  bool process(Slot& slot, size_t max_records);
  void commit(Slot& slot);
  void forget_read(Slot& slot);

  Options options_;
  std::vector<StageSpec> topology_;
  std::map<Stream, int32_t> input_partitions_;
  std::map<Stream, std::vector<Log>> logs_;
  std::map<std::pair<std::string, int32_t>, std::map<std::string, std::string>> states_;
  std::map<std::pair<std::string, std::string>, uint64_t> counts_;
  std::vector<std::unique_ptr<Slot>> tasks_;
};

}  // namespace tidewatch
