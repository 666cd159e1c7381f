#include "stream/runtime/kafka_slot.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <utility>

namespace tidewatch::kafka {
namespace {

/// Idle time moves on in steps, so that a partition without data does not cause a transaction per commit interval.
constexpr Duration kIdleStep = std::chrono::seconds(1);

}  // namespace

std::unique_ptr<Slot> make_slot(const KafkaOptions& options, const StageSpec& spec,
                                const std::vector<std::string>& expected_sources, Stream stream, StoredTask stored,
                                uint64_t& rejected) {
  const Timestamp now = wall_now();
  const std::string name = fmt::format("{}/{}", stored.at.topic, stored.at.partition);
  auto slot = std::make_unique<Slot>(Slot{
      .at = stored.at,
      .stream = stream,
      .task = Task(name, spec, expected_sources, options.stall_timeout, now),
      .outputs = OutputBatch(spec.name, options.dead_letter_bytes, options.format),
      .window = ProgressWindow(std::max<int64_t>(stored.checkpoint.progress_from, 0)),
      .start_offset = stored.start_offset,
      .committed_through = stored.checkpoint.processed_through,
      .last_read = std::chrono::steady_clock::now(),
  });
  for (const auto& [key, value] : stored.state) {
    if (value.empty()) continue;  // a tombstone
    if (const auto status = slot->task.restore_state(key, value); !status) {
      ++rejected;
      spdlog::warn("stored state is not readable and starts afresh stage={} partition={} reason={}", spec.name, name,
                   status.error().code);
    }
  }
  std::vector<v1::Progress> progress;
  for (auto& [offset, entry] : stored.progress) {
    slot->window.add(entry.processed_through(), offset);
    progress.push_back(std::move(entry));
  }
  slot->task.start(stored.checkpoint, std::move(progress), now);
  return slot;
}

void finish_batch(Slot& slot, const KafkaOptions& options, Timestamp now, SteadyTime steady_now) {
  const bool is_source = slot.task.spec().is_source;
  const Duration quiet = slot.quiet(steady_now);
  Timestamp floor = kMinTimestamp;
  if (is_source && slot.at_end && options.idle_policy == IdlePolicy::advance && quiet >= options.idle_allowance)
    floor = align_down(now - options.idle_allowance, kIdleStep);
  // A source that is read to its end between two records is not idle yet: others wait for it until it is quiet.
  // Commands say nothing of how far event time has come: nobody waits for more of them.
  const bool is_quiet =
      !is_source || slot.stream == Stream::commands || slot.task.replaying() || quiet >= options.idle_after;
  slot.task.finish_batch(slot.outputs, now, floor, slot.at_end && is_quiet);
}

}  // namespace tidewatch::kafka
