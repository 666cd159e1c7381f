#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "stream/runtime/output_batch.h"
#include "stream/runtime/task.h"

namespace tidewatch {

/// An entry of a stage's input: data, or the mark of the only source upstream.
struct LogEntry {
  std::string key;
  std::string value;
  bool is_mark = false;

  static LogEntry data(std::string_view key, std::string_view value) {
    return {std::string(key), std::string(value), false};
  }
  static LogEntry mark(Timestamp watermark) {
    v1::Mark mark;
    mark.set_source("src/0");
    mark.set_watermark_unix_nano(watermark.time_since_epoch().count());
    return {"", mark.SerializeAsString(), true};
  }
};

/// Runs a stage over a log, a commit after every `batch` entries; then, for each `every`-th of these commits, restarts
/// it from what was durable there, and expects that it repeats no output, goes on with the same outputs, state records
/// included, byte for byte, and promises the same.
class ReplayCheck {
 public:
  ReplayCheck(const StageSpec& spec, std::vector<LogEntry> log) : spec_(spec), log_(std::move(log)) {}

  void run(size_t batch, size_t every = 1) {
    straight(batch);
    for (size_t i = 0; i < commits_.size(); i += every) {
      restarted(commits_[i], batch);
      if (::testing::Test::HasFatalFailure()) {
        ADD_FAILURE() << "restarted after commit " << i << " of batches of " << batch;
        return;
      }
    }
  }
  const OutputBatch& outputs() const { return all_; }

 private:
  struct Commit {
    Checkpoint checkpoint;
    size_t progress = 0;  ///< entries by then
    size_t outputs = 0;
    Timestamp promised;
  };

  Task make() { return Task("in/0", spec_, {"src/0"}, std::chrono::hours(24), kNow); }
  void feed(Task& task, int64_t offset, OutputBatch& out) {
    const LogEntry& entry = log_[static_cast<size_t>(offset)];
    const std::vector<Header> headers = {{std::string(kMarkHeader), "1"}};
    Record record;
    record.topic = "in";
    record.offset = offset;
    record.key = entry.key;
    record.value = entry.value;
    if (entry.is_mark) record.headers = headers;
    task.process(record, out, kNow);
  }
  void batches(Task& task, int64_t offset, size_t batch, OutputBatch& out, bool is_recorded) {
    const auto end = static_cast<int64_t>(log_.size());
    while (offset < end) {
      for (size_t i = 0; i < batch && offset < end; ++i) feed(task, offset++, out);
      task.finish_batch(out, kNow, kMinTimestamp, offset == end);
      if (is_recorded) {
        if (const auto entry = task.progress()) progress_.push_back(*entry);
        commits_.push_back(
            {task.checkpoint(), progress_.size(), out.outputs().size(), task.stage().output_watermark()});
      }
      task.committed();
    }
  }
  void straight(size_t batch) {
    progress_.clear();
    commits_.clear();
    all_.clear();
    Task task = make();
    task.start({}, {}, kNow);
    batches(task, 0, batch, all_, true);
  }
  void restarted(const Commit& from, size_t batch) {
    Task task = make();
    std::map<std::string, std::string> state;
    for (size_t i = 0; i < from.outputs; ++i)
      if (const Output& output = all_.outputs()[i]; output.stream == Stream::state) state[output.key] = output.value;
    for (const auto& [key, value] : state) {
      if (value.empty()) continue;  // deleted
      ASSERT_TRUE(task.restore_state(key, value).ok());
    }
    // Entries behind the oldest record needed, and the last one before it.
    const auto last = progress_.begin() + static_cast<std::ptrdiff_t>(from.progress);
    auto first = std::find_if(progress_.begin(), last, [&](const v1::Progress& entry) {
      return entry.processed_through() > from.checkpoint.needed_from;
    });
    if (first != progress_.begin()) --first;
    task.start(from.checkpoint, {first, last}, kNow);
    OutputBatch out("again");
    for (int64_t offset = from.checkpoint.needed_from; offset < from.checkpoint.processed_through; ++offset)
      feed(task, offset, out);
    ASSERT_TRUE(out.empty()) << "a replay repeated an output";
    ASSERT_EQ(task.stage().output_watermark(), from.promised);
    batches(task, from.checkpoint.processed_through, batch, out, false);
    ASSERT_EQ(out.outputs().size(), all_.outputs().size() - from.outputs);
    for (size_t i = 0; i < out.outputs().size(); ++i) {
      const Output& again = out.outputs()[i];
      const Output& then = all_.outputs()[from.outputs + i];
      ASSERT_EQ(again.stream, then.stream);
      ASSERT_EQ(again.key, then.key);
      ASSERT_EQ(again.value, then.value) << name_of(then.stream) << " of " << then.key;
    }
  }

  static constexpr Timestamp kNow{};
  StageSpec spec_;
  std::vector<LogEntry> log_;
  std::vector<v1::Progress> progress_;
  std::vector<Commit> commits_;
  OutputBatch all_{"straight"};
};

}  // namespace tidewatch
