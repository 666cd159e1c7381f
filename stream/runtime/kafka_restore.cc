#include "stream/runtime/kafka_restore.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <string_view>
#include <thread>

#include "stream/runtime/kafka_reader.h"

namespace tidewatch::kafka {
namespace {

constexpr auto kTimeout = std::chrono::seconds(10);

PartitionList to_list(const std::vector<StoredTask>& tasks) {
  PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(tasks.size())));
  for (const auto& task : tasks)
    rd_kafka_topic_partition_list_add(list.get(), task.at.topic.c_str(), task.at.partition);
  return list;
}

/// An offset that a transaction still holds is not an answer yet: its owner may be committing.
rd_kafka_resp_err_t first_error(const rd_kafka_topic_partition_list_t& list) {
  for (int i = 0; i < list.cnt; ++i)
    if (list.elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR) return list.elems[i].err;
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

/// Leaves what a restart needs: the last entry at or before the first record replayed, and those after it.
void trim(StoredTask& task) {
  auto& entries = task.progress;
  std::erase_if(
      entries, [&](const auto& entry) { return entry.second.processed_through() > task.checkpoint.processed_through; });
  const auto after = std::find_if(entries.begin(), entries.end(), [&](const auto& entry) {
    return entry.second.processed_through() > task.checkpoint.needed_from;
  });
  if (after - entries.begin() > 1) entries.erase(entries.begin(), after - 1);
}

}  // namespace

std::string progress_key(const std::string& stage, const TaskPartition& at) {
  return fmt::format("{}/{}/{}", stage, at.topic, at.partition);
}

Restorer::Restorer(const KafkaOptions& options, const StageSpec& spec, Cluster& cluster, int32_t progress_partitions,
                   const std::atomic<bool>& stop)
    : options_(options), spec_(spec), cluster_(cluster), progress_partitions_(progress_partitions), stop_(stop) {}

Result<std::vector<StoredTask>> Restorer::restore(rd_kafka_t* consumer, const std::vector<TaskPartition>& partitions) {
  std::vector<StoredTask> tasks(partitions.size());
  for (size_t i = 0; i < partitions.size(); ++i) tasks[i].at = partitions[i];
  if (tasks.empty()) return tasks;
  if (auto status = read_checkpoints(consumer, tasks); !status) return status.error();
  if (auto status = read_stored(tasks); !status) return status.error();
  for (auto& task : tasks) trim(task);
  return tasks;
}

Status Restorer::read_checkpoints(rd_kafka_t* consumer, std::vector<StoredTask>& tasks) {
  for (;;) {
    if (stop_) return Error{"stopped", "stopped while asking for committed offsets"};
    const PartitionList list = to_list(tasks);
    auto code = rd_kafka_committed(consumer, list.get(), milliseconds(kTimeout));
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) code = first_error(*list);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      spdlog::info("committed offsets are not to be had yet stage={} reason={}", spec_.name, rd_kafka_err2str(code));
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      continue;
    }
    for (int i = 0; i < list->cnt; ++i)
      if (auto status = place(tasks[static_cast<size_t>(i)], list->elems[i]); !status) return status;
    return ok_status();
  }
}

Status Restorer::place(StoredTask& task, const rd_kafka_topic_partition_t& committed) {
  const auto range = cluster_.offsets(task.at.topic, task.at.partition, kTimeout);
  if (!range) return range.error();
  const auto reset = options_.properties.find("auto.offset.reset");
  const bool latest = reset != options_.properties.end() && (reset->second == "latest" || reset->second == "largest");
  const int64_t fresh = latest ? range->high : range->low;
  if (committed.offset < 0 || committed.offset > range->high) {
    if (committed.offset > range->high)
      spdlog::error(
          "committed offset lies behind the end: was the topic deleted? starting afresh stage={} topic={} "
          "partition={} committed={} end={}",
          spec_.name, task.at.topic, task.at.partition, committed.offset, range->high);
    task.checkpoint = {.processed_through = fresh, .needed_from = fresh};
    task.start_offset = fresh;
    return ok_status();
  }
  const std::string_view metadata(static_cast<const char*>(committed.metadata), committed.metadata_size);
  auto checkpoint = Checkpoint::parse(committed.offset, metadata);
  if (!checkpoint) return checkpoint.error();
  task.checkpoint = *checkpoint;
  task.start_offset = std::max(checkpoint->needed_from, range->low);
  if (checkpoint->processed_through < range->low)
    spdlog::error(
        "records were deleted before they were read: raise the topic's retention stage={} topic={} "
        "partition={} lost={}",
        spec_.name, task.at.topic, task.at.partition, range->low - checkpoint->processed_through);
  else if (checkpoint->needed_from < range->low)
    spdlog::warn(
        "records needed for a replay were deleted: short-lived state is incomplete stage={} topic={} "
        "partition={} missing={}",
        spec_.name, task.at.topic, task.at.partition, range->low - checkpoint->needed_from);
  // The entries before a position that somebody set by a tool belong to another run.
  if (metadata.empty()) task.checkpoint.progress_from = -1;
  return ok_status();
}

Stream Restorer::input_of(const std::string& topic) const {
  const auto found = std::find_if(spec_.inputs.begin(), spec_.inputs.end(),
                                  [&](Stream input) { return options_.topics.of(input) == topic; });
  TW_CHECK(found != spec_.inputs.end(), "a task has a topic that its stage does not read");
  return *found;
}

Status Restorer::read_stored(std::vector<StoredTask>& tasks) {
  const std::string& state_topic = options_.topics.of(Stream::state);
  const std::string& progress_topic = options_.topics.of(Stream::progress);
  std::map<std::pair<std::string, int32_t>, ReadRange> ranges;
  struct Stateful {
    StoredTask* task;
    std::string prefix;
  };
  std::multimap<int32_t, Stateful> by_partition;
  std::map<std::string, StoredTask*, std::less<>> by_key;
  const auto want = [&](const std::string& topic, int32_t partition, int64_t from) -> Status {
    // Taken after the committed offsets: whatever was committed with them lies before this end, although its markers
    // may still be on their way to this partition.
    const auto range = cluster_.offsets(topic, partition, kTimeout);
    if (!range) return range.error();
    const auto [entry, added] =
        ranges.try_emplace({topic, partition}, ReadRange{topic, partition, std::max(from, range->low), range->high});
    if (!added) entry->second.from = std::min(entry->second.from, std::max(from, range->low));
    return ok_status();
  };
  for (auto& task : tasks) {
    if (spec_.has_state) {
      by_partition.emplace(task.at.partition, Stateful{&task, spec_.state_prefix(input_of(task.at.topic))});
      if (auto status = want(state_topic, task.at.partition, 0); !status) return status;
    }
    if (spec_.is_source || task.checkpoint.progress_from < 0) continue;
    by_key[progress_key(spec_.name, task.at)] = &task;
    if (auto status = want(progress_topic, task.at.partition % progress_partitions_, task.checkpoint.progress_from);
        !status)
      return status;
  }
  std::vector<ReadRange> list;
  list.reserve(ranges.size());
  for (auto& [where, range] : ranges) list.push_back(range);
  const auto patience = options_.transaction_timeout + std::chrono::seconds(30);
  return read_committed(options_, list, patience, stop_, [&](const StoredRecord& record) {
    if (record.topic == state_topic && spec_.has_state) {
      const auto [from, to] = by_partition.equal_range(record.partition);
      for (auto at = from; at != to; ++at) {
        auto& [task, prefix] = at->second;
        if (!record.key.starts_with(prefix)) continue;
        ++task->records_read;
        task->state.insert_or_assign(std::string(record.key.substr(prefix.size())), std::string(record.value));
      }
      return;
    }
    const auto task = by_key.find(record.key);
    v1::Progress entry;
    if (task == by_key.end() || record.offset < task->second->checkpoint.progress_from ||
        !entry.ParseFromArray(record.value.data(), static_cast<int>(record.value.size())))
      return;
    ++task->second->records_read;
    task->second->progress.emplace_back(record.offset, std::move(entry));
  });
}

}  // namespace tidewatch::kafka
