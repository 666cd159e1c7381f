#include "stream/runtime/local_runner.h"

#include <fmt/format.h>

#include <algorithm>

#include "stream/runtime/partitioner.h"

namespace tidewatch {
namespace {

constexpr Timestamp kNow{};  // There is no clock here: nothing stalls.

bool is_mark(const LocalRecord& record) {
  return std::any_of(record.headers.begin(), record.headers.end(),
                     [](const Header& header) { return header.name == kMarkHeader; });
}

std::string input_name(Stream stream, int32_t partition) { return fmt::format("{}/{}", name_of(stream), partition); }

}  // namespace

struct LocalRunner::Slot {
  Slot(const StageSpec& stage, Stream stream, int32_t index, size_t dead_letter_bytes)
      : spec(&stage), input(stream), partition(index), batch(stage.name, dead_letter_bytes) {}

  const StageSpec* spec;
  Stream input;
  int32_t partition;
  std::vector<std::string> expected;
  OutputBatch batch;
  std::unique_ptr<Task> task;
  int64_t next = 0;                   ///< offset to read next
  std::optional<Timestamp> ended_at;  ///< event time when no more input will come
  // What is durable.
  Checkpoint checkpoint;
  std::vector<v1::Progress> progress;
};

LocalRunner::LocalRunner(Options options, std::vector<StageSpec> topology,
                         const std::map<Stream, int32_t>& input_partitions)
    : options_(options), topology_(std::move(topology)), input_partitions_(input_partitions) {
  for (const StageSpec& spec : topology_)
    for (const Stream input : spec.inputs)
      for (int32_t partition = 0; partition < partitions_of(input); ++partition)
        tasks_.push_back(std::make_unique<Slot>(spec, input, partition, options_.dead_letter_bytes));
  for (const auto& slot : tasks_) {
    for (const auto& other : tasks_)
      if (other->spec->downstream_to(slot->input) != nullptr)
        slot->expected.push_back(input_name(other->input, other->partition));
    start(*slot);
  }
}

LocalRunner::~LocalRunner() = default;

int32_t LocalRunner::partitions_of(Stream stream) const {
  const auto input = input_partitions_.find(stream);
  return input == input_partitions_.end() ? options_.partitions : input->second;
}

std::vector<LocalRunner::Log>& LocalRunner::logs_of(Stream stream) {
  auto& logs = logs_[stream];
  if (logs.empty()) logs.resize(static_cast<size_t>(partitions_of(stream)));
  return logs;
}

void LocalRunner::end_input(Timestamp at) {
  for (const auto& slot : tasks_) {
    if (!slot->spec->is_source || slot->ended_at) continue;
    slot->ended_at = at;
  }
}

void LocalRunner::end_input(Stream stream, int32_t partition) {
  for (const auto& slot : tasks_)
    if (slot->spec->is_source && slot->input == stream && slot->partition == partition) slot->ended_at = kMaxTimestamp;
}

void LocalRunner::append(Stream stream, int32_t partition, LocalRecord record) {
  TW_CHECK(partition >= 0 && partition < partitions_of(stream), "no such partition");
  logs_of(stream)[static_cast<size_t>(partition)].records.push_back(std::move(record));
}

void LocalRunner::start(Slot& slot) {
  slot.task = std::make_unique<Task>(input_name(slot.input, slot.partition), *slot.spec, slot.expected,
                                     options_.stall_timeout, kNow);
  slot.batch.clear();
  if (slot.spec->has_state)
    for (const auto& [key, value] : states_[{slot.spec->state_prefix(slot.input), slot.partition}]) {
      const auto restored = slot.task->restore_state(key, value);
      TW_CHECK(restored.ok(), restored.ok() ? "" : restored.error().message);
    }
  // Entries behind the oldest record needed, and the last one before it.
  auto from = std::find_if(slot.progress.begin(), slot.progress.end(), [&](const v1::Progress& entry) {
    return entry.processed_through() > slot.checkpoint.needed_from;
  });
  if (from != slot.progress.begin()) --from;
  slot.task->start(slot.checkpoint, {from, slot.progress.end()}, kNow);
  slot.next = slot.checkpoint.needed_from;
}

bool LocalRunner::process(Slot& slot, size_t max_records) {
  const Log& log = logs_of(slot.input)[static_cast<size_t>(slot.partition)];
  const auto& topic = name_of(slot.input);
  const int64_t end = std::min(log.end(), slot.next + static_cast<int64_t>(max_records));
  const bool has_read = slot.next < end;
  for (; slot.next < end; ++slot.next) {
    const LocalRecord& stored = log.records[static_cast<size_t>(slot.next - log.first)];
    Record record;
    record.stream = slot.input;
    record.topic = topic;
    record.partition = slot.partition;
    record.offset = slot.next;
    record.append_time = stored.append_time;
    record.key = stored.key;
    record.value = stored.value;
    record.headers = stored.headers;
    slot.task->process(record, slot.batch, kNow);
  }
  const bool caught_up = slot.next == log.end();
  const bool has_ended = slot.ended_at && caught_up;
  slot.task->finish_batch(slot.batch, kNow, has_ended ? *slot.ended_at : kMinTimestamp,
                          caught_up && (!slot.spec->is_source || has_ended || !options_.waits_for_sources));
  return has_read;
}

void LocalRunner::commit(Slot& slot) {
  if (slot.task->replaying()) return;  // on the way to what was committed: there is nothing to add to it
  for (const Output& output : slot.batch.outputs()) {
    if (output.stream == Stream::state) {
      auto& state = states_[{slot.spec->state_prefix(slot.input), slot.partition}];
      if (output.value.empty())
        state.erase(output.key);
      else
        state[output.key] = output.value;
      continue;
    }
    const int32_t partitions = partitions_of(output.stream);
    const int32_t first = output.is_everywhere ? 0 : partition_of(*slot.spec, output.stream, output.key, partitions);
    const int32_t last = output.is_everywhere ? partitions - 1 : first;
    for (int32_t partition = first; partition <= last; ++partition)
      append(output.stream, partition, {output.key, output.value, output.headers, kMinTimestamp});
  }
  for (const auto& [name, by] : slot.batch.counts()) counts_[name] += by;
  if (slot.task->mark_changed())
    for (const Downstream& to : slot.spec->downstream)
      for (int32_t partition = 0; partition < partitions_of(to.stream); ++partition)
        append(to.stream, partition,
               {"", slot.task->mark().SerializeAsString(), {{std::string(kMarkHeader), "1"}}, kMinTimestamp});
  if (auto progress = slot.task->progress()) slot.progress.push_back(std::move(*progress));
  slot.checkpoint = slot.task->checkpoint();
  slot.task->committed();
  slot.batch.clear();
  if (!options_.keep_history) forget_read(slot);
}

void LocalRunner::forget_read(Slot& slot) {
  Log& log = logs_of(slot.input)[static_cast<size_t>(slot.partition)];
  for (; log.first < slot.next; ++log.first) log.records.pop_front();
  slot.progress.clear();
}

bool LocalRunner::step(size_t task, size_t max_records) {
  Slot& slot = *tasks_.at(task);
  const Timestamp before = slot.task->watermark();
  const bool has_read = process(slot, max_records);
  const bool has_changed = has_read || !slot.batch.empty() || slot.task->watermark() != before ||
                           (!slot.spec->downstream.empty() && slot.task->mark_changed());
  commit(slot);
  return has_changed;
}

void LocalRunner::crash(size_t task, size_t max_records) {
  TW_CHECK(options_.keep_history, "a restart reads again what was read before");
  Slot& slot = *tasks_.at(task);
  process(slot, max_records);
  start(slot);
}

void LocalRunner::run(size_t max_records) {
  for (bool has_changed = true; has_changed;) {
    has_changed = false;
    for (size_t task = 0; task < tasks_.size(); ++task) has_changed |= step(task, max_records);
  }
}

std::vector<LocalRecord> LocalRunner::records(Stream stream) const {
  std::vector<LocalRecord> out;
  const auto logs = logs_.find(stream);
  if (logs == logs_.end()) return out;
  for (const Log& log : logs->second)
    std::copy_if(log.records.begin(), log.records.end(), std::back_inserter(out),
                 [](const LocalRecord& record) { return !is_mark(record); });
  return out;
}

std::vector<LocalRecord> LocalRunner::take_records(Stream stream) {
  auto out = records(stream);
  for (Log& log : logs_of(stream)) {
    log.first = log.end();
    log.records.clear();
  }
  return out;
}

std::map<std::string, std::string> LocalRunner::state(std::string_view stage) const {
  std::map<std::string, std::string> out;
  for (const auto& [task, state] : states_)
    if (task.first.starts_with(fmt::format("{}/", stage))) out.insert(state.begin(), state.end());
  return out;
}

Timestamp LocalRunner::watermark_of(Stream stream, int32_t partition) const {
  for (const auto& slot : tasks_)
    if (slot->input == stream && slot->partition == partition) return slot->task->stage().output_watermark();
  return kMinTimestamp;
}

}  // namespace tidewatch
