#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "stream/runtime/checkpoint.h"
#include "stream/runtime/effects.h"
#include "stream/runtime/source_watermarks.h"
#include "stream/runtime/topology.h"
#include "tidewatch/v1/progress.pb.h"

namespace tidewatch {

/// Header that makes a record of an internal topic a watermark mark (value: v1::Mark), not data.
inline constexpr std::string_view kMarkHeader = "tw-mark";

/// One stage over one partition of its input, with everything that is the same under every runner: watermark marks,
/// the progress log, exact replay. Does no I/O and reads no clock: the runner hands in records and the wall clock.
///
/// Life:  Task(...) -> restore_state()* -> start(checkpoint, progress, now) -> process()* and finish_batch() per commit
///        -> after finish_batch the runner commits outputs + progress() + checkpoint() in one transaction.
/// The runner feeds records from checkpoint.needed_from on; those before processed_through are replayed in silence.
class Task {
 public:
  /// `name`: "topic/partition" of its input, which is how downstream tasks know it.
  Task(std::string name, const StageSpec& spec, const std::vector<std::string>& expected_sources,
       Duration stall_timeout, Timestamp now);

  Status restore_state(std::string_view key, std::string_view value);

  /// `progress`: this task's entries of the progress log, in log order: those with processed_through in
  /// (needed_from, processed_through], and the last one before them, whose watermark held when the oldest record needed
  /// was first read (without it that record could have been late then and on time now). Default checkpoint: a first
  /// start.
  void start(const Checkpoint& checkpoint, std::vector<v1::Progress> progress, Timestamp now);

  /// One input record, in offset order. Marks are taken out here and never reach the stage.
  void process(const Record& record, Effects& out, Timestamp now);

  /// Ends a batch: applies the watermark. `idle_floor` is for source stages: event time that has passed by the clock
  /// although nothing was read (kMinTimestamp: unknown). `caught_up`: the runner had no more records to give.
  void finish_batch(Effects& out, Timestamp now, Timestamp idle_floor, bool caught_up);

  /// What the progress log must say of the commit; nullopt when neither offset nor watermark has moved since the last.
  std::optional<v1::Progress> progress() const;
  /// Pre: not replaying. `progress_from` is filled by the runner, which knows offsets of the progress topic.
  Checkpoint checkpoint() const;
  /// The runner has committed: what was pending is now durable.
  void committed();

  /// What downstream must be told.
  v1::Mark mark() const;
  bool mark_changed() const;  ///< since the last call of committed()

  bool replaying() const { return next_offset_ < replay_until_; }
  const std::string& name() const { return name_; }
  const StageSpec& spec() const { return *spec_; }
  const SourceWatermarks& sources() const { return sources_; }
  Timestamp watermark() const { return applied_; }
  Stage& stage() { return *stage_; }

 private:
  void apply_progress_before(int64_t offset);
  void take_mark(const Record& record, Timestamp now);

  std::string name_;
  const StageSpec* spec_;
  std::unique_ptr<Stage> stage_;
  SourceWatermarks sources_;
  std::vector<v1::Progress> replay_;
  size_t replay_next_ = 0;
  int64_t replay_until_ = 0;
  int64_t next_offset_ = 0;
  int64_t committed_offset_ = -1;
  Timestamp applied_ = kMinTimestamp;
  Timestamp committed_watermark_ = kMinTimestamp;
  bool replayed_unflushed_ = false;  ///< records were replayed since the stage last heard a watermark
  bool idle_ = false;
  std::string committed_mark_;
};

}  // namespace tidewatch
