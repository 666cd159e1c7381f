#include "stream/runtime/task.h"

#include <algorithm>
#include <optional>

#include "stream/runtime/output_batch.h"

namespace tidewatch {
namespace {

bool is_mark(const Record& record) {
  return std::any_of(record.headers.begin(), record.headers.end(),
                     [](const Header& header) { return header.name == kMarkHeader; });
}

Timestamp from_nanos(int64_t nanos) { return Timestamp(Duration(nanos)); }
int64_t to_nanos(Timestamp time) { return time.time_since_epoch().count(); }

}  // namespace

Task::Task(std::string name, const StageSpec& spec, const std::vector<std::string>& expected_sources,
           Duration stall_timeout, Timestamp now)
    : name_(std::move(name)), spec_(&spec), stage_(spec.make()), sources_(expected_sources, stall_timeout, now) {}

Status Task::restore_state(std::string_view key, std::string_view value) { return stage_->restore(key, value); }

void Task::start(const Checkpoint& checkpoint, std::vector<v1::Progress> progress, Timestamp now) {
  replay_ = std::move(progress);
  replay_next_ = 0;
  replay_until_ = checkpoint.processed_through;
  next_offset_ = checkpoint.needed_from;
  committed_offset_ = checkpoint.processed_through;
  committed_watermark_ = checkpoint.watermark;
  if (!replay_.empty())
    for (const auto& mark : replay_.back().sources())
      sources_.heard(mark.source(), from_nanos(mark.watermark_unix_nano()), mark.idle(), now);
  sources_.restore(checkpoint.watermark);
  stage_->resume(checkpoint.watermark);
  // Nothing to replay: the recorded watermarks still have to reach the stage.
  if (!replaying()) apply_progress_before(replay_until_);
}

void Task::apply_progress_before(int64_t offset) {
  NoEffects nothing;
  while (replay_next_ < replay_.size() && replay_[replay_next_].processed_through() <= offset) {
    applied_ = std::max(applied_, from_nanos(replay_[replay_next_++].watermark_unix_nano()));
    stage_->on_watermark(applied_, nothing);
    replayed_unflushed_ = false;
  }
  // The end of the replay was the end of a batch, even where its entry is missing (deleted by retention): what the
  // stage combined over it was published then and must not be published again.
  if (offset >= replay_until_ && (committed_watermark_ > applied_ || replayed_unflushed_)) {
    applied_ = std::max(applied_, committed_watermark_);
    stage_->on_watermark(applied_, nothing);
    replayed_unflushed_ = false;
  }
}

void Task::process(const Record& record, Effects& out, Timestamp now) {
  TW_CHECK(record.offset >= next_offset_, "records come in offset order");
  if (replaying()) apply_progress_before(std::min(record.offset, replay_until_));
  const bool silent = record.offset < replay_until_;
  next_offset_ = record.offset + 1;
  if (is_mark(record)) {
    // Marks of a replay were summed up in the progress log; taking them again would let a stalled source speak.
    if (!silent) take_mark(record, now);
  } else {
    NoEffects nothing;
    stage_->on_record(record, silent ? static_cast<Effects&>(nothing) : out);
    replayed_unflushed_ = silent;
  }
  // The last record of the replay, data or mark: what was applied after it then is applied before anything new.
  if (silent && !replaying()) apply_progress_before(replay_until_);
}

void Task::take_mark(const Record& record, Timestamp now) {
  v1::Mark mark;
  if (mark.ParseFromArray(record.value.data(), static_cast<int>(record.value.size())))
    sources_.heard(mark.source(), from_nanos(mark.watermark_unix_nano()), mark.idle(), now);
}

void Task::finish_batch(Effects& out, Timestamp now, Timestamp idle_floor, bool caught_up) {
  if (replaying()) {
    // Offsets at the end of the replay may be transaction markers or compacted away: being caught up ends it too.
    if (!caught_up) return;
    next_offset_ = replay_until_;
    apply_progress_before(replay_until_);
  }
  if (replay_next_ < replay_.size() || applied_ < committed_watermark_) apply_progress_before(replay_until_);
  if (spec_->is_source) {
    applied_ = std::max(applied_, idle_floor);
    idle_ = caught_up && idle_floor == kMinTimestamp;
  } else {
    applied_ = std::max(applied_, sources_.advance(now));
    idle_ = caught_up && sources_.all_idle();
  }
  stage_->on_watermark(applied_, out);
  // Who still holds something back will emit it: the others wait for that.
  if (!spec_->is_source && stage_->output_watermark() < applied_) idle_ = false;
}

std::optional<v1::Progress> Task::progress() const {
  if (spec_->is_source || replaying()) return std::nullopt;  // a source stage is stateless: its checkpoint is enough
  if (next_offset_ == committed_offset_ && applied_ == committed_watermark_) return std::nullopt;
  v1::Progress out;
  out.set_processed_through(next_offset_);
  out.set_watermark_unix_nano(to_nanos(applied_));
  for (const auto& [name, source] : sources_.sources()) {
    if (!source.heard) continue;
    auto* mark = out.add_sources();
    mark->set_source(name);
    mark->set_watermark_unix_nano(to_nanos(source.watermark));
    mark->set_idle(source.idle);
  }
  return out;
}

Checkpoint Task::checkpoint() const {
  TW_CHECK(!replaying(), "a task on its way to what was committed has nothing to commit");
  Checkpoint out;
  out.processed_through = std::max(next_offset_, replay_until_);
  out.needed_from = std::min(stage_->needed_from(), out.processed_through);
  out.watermark = spec_->is_source ? stage_->output_watermark() : applied_;
  return out;
}

void Task::committed() {
  committed_offset_ = next_offset_;
  committed_watermark_ = applied_;
  committed_mark_ = mark().SerializeAsString();
}

v1::Mark Task::mark() const {
  v1::Mark out;
  out.set_source(name_);
  out.set_watermark_unix_nano(to_nanos(stage_->output_watermark()));
  out.set_idle(idle_);
  return out;
}

bool Task::mark_changed() const { return mark().SerializeAsString() != committed_mark_; }

}  // namespace tidewatch
