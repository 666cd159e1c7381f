#include "stream/runtime/kafka_commit.h"

#include <spdlog/spdlog.h>

#include <memory>
#include <optional>
#include <utility>

#include "stream/runtime/partitioner.h"

namespace tidewatch::kafka {
namespace {

/// A mark that has not changed is said again, so that downstream can tell an idle source from a dead one.
constexpr auto kMarkInterval = std::chrono::seconds(1);

struct FreeMemory {
  void operator()(char* text) const { rd_kafka_mem_free(nullptr, text); }
};

bool is_keyed_internal(Stream stream) {
  return stream == Stream::fragments || stream == Stream::partials || stream == Stream::turns ||
         stream == Stream::eval_requests || stream == Stream::raised;
}

/// False when the group has thrown this consumer out. Brokers accept offsets of a consumer that names no member as
/// those of an old client, without fencing; so the group's metadata may only be used when this holds after taking it.
bool is_member(rd_kafka_t* consumer) {
  const std::unique_ptr<char, FreeMemory> member(rd_kafka_memberid(consumer));
  return rd_kafka_assignment_lost(consumer) == 0 && member != nullptr && *member != '\0';
}

}  // namespace

struct Committer::Pending {
  Slot* slot;
  std::optional<v1::Progress> progress;
  Checkpoint checkpoint;
  int64_t progress_offset = -1;  ///< filled by the delivery of the progress record
};

bool Committer::is_due(const Slot& slot, SteadyTime now) const {
  if (slot.task.replaying()) return false;  // nothing it says is new
  if (!slot.outputs.empty() || !slot.outputs.counts().empty() || slot.task.progress()) return true;
  if (slot.task.checkpoint().processed_through != slot.committed_through) return true;
  return !spec_.downstream.empty() && (slot.task.mark_changed() || now - slot.last_mark >= kMarkInterval);
}

Outcome Committer::commit(Slots& slots, TransactionalProducer& producer, rd_kafka_t* consumer) {
  const auto begun = std::chrono::steady_clock::now();
  const Timestamp now = wall_now();
  std::vector<Pending> due;
  for (auto& [at, slot] : slots) {
    finish_batch(*slot, options_, now, begun);
    if (is_due(*slot, begun)) due.push_back({slot.get(), slot->task.progress(), slot->task.checkpoint()});
  }
  if (due.empty()) return Outcome::done;
  auto outcome = producer.begin();
  for (auto& pending : due) {
    if (outcome == Outcome::done) outcome = append_outputs(pending, producer);
    if (outcome == Outcome::done) outcome = append_marks(pending, producer);
    if (outcome == Outcome::done) outcome = append_progress(pending, producer);
  }
  if (outcome == Outcome::done) outcome = producer.flush();  // now the progress records have offsets
  if (outcome == Outcome::done) outcome = send_offsets(due, producer, consumer);
  if (outcome == Outcome::done) outcome = producer.commit();
  if (outcome != Outcome::done) return outcome;
  const auto ended = std::chrono::steady_clock::now();
  for (auto& pending : due) committed(pending, ended);
  const Metrics::Labels labels{{"stage", spec_.name}};
  metrics_.count("commits", labels);
  metrics_.observe("commit_seconds", labels, to_seconds(ended - begun));
  if (const auto too_large = producer.take_too_large(); too_large > 0)
    metrics_.count("outputs_too_large", labels, static_cast<double>(too_large));
  return Outcome::done;
}

int32_t Committer::partition_for(const Output& output, const Slot& slot) const {
  if (output.stream == Stream::state) return slot.at.partition;
  if (is_keyed_internal(output.stream))
    return partition_of(spec_, output.stream, output.key, partitions_.at(output.stream));
  return RD_KAFKA_PARTITION_UA;
}

Outcome Committer::append_outputs(Pending& pending, TransactionalProducer& producer) {
  std::string state_key;
  for (const auto& output : pending.slot->outputs.outputs()) {
    std::string_view key = output.key;
    if (output.stream == Stream::state) key = state_key = spec_.state_prefix(pending.slot->stream) + output.key;
    // What goes everywhere has a key of its own, of which no placement need make sense.
    const int32_t first = output.is_everywhere ? 0 : partition_for(output, *pending.slot);
    const int32_t last = output.is_everywhere ? partitions_.at(output.stream) - 1 : first;
    for (int32_t partition = first; partition <= last; ++partition) {
      const auto outcome = producer.append(output.stream, partition, key, output.value, output.headers);
      if (outcome != Outcome::done) return outcome;
    }
  }
  return Outcome::done;
}

Outcome Committer::append_marks(Pending& pending, TransactionalProducer& producer) {
  if (spec_.downstream.empty()) return Outcome::done;
  const std::string mark = pending.slot->task.mark().SerializeAsString();
  const std::vector<Header> headers{{std::string(kMarkHeader), "1"}};
  for (const Downstream& to : spec_.downstream)
    for (int32_t partition = 0; partition < partitions_.at(to.stream); ++partition) {
      const auto outcome = producer.append(to.stream, partition, pending.slot->task.name(), mark, headers);
      if (outcome != Outcome::done) return outcome;
    }
  return Outcome::done;
}

Outcome Committer::append_progress(Pending& pending, TransactionalProducer& producer) {
  if (!pending.progress) return Outcome::done;
  const int32_t partition = pending.slot->at.partition % partitions_.at(Stream::progress);
  return producer.append(Stream::progress, partition, progress_key(spec_.name, pending.slot->at),
                         pending.progress->SerializeAsString(), {}, &pending.progress_offset);
}

Outcome Committer::send_offsets(std::vector<Pending>& due, TransactionalProducer& producer, rd_kafka_t* consumer) {
  const PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(due.size())));
  for (auto& pending : due) {
    Slot& slot = *pending.slot;
    if (pending.progress) slot.window.add(pending.checkpoint.processed_through, pending.progress_offset);
    pending.checkpoint.progress_from = slot.window.needed_from(pending.checkpoint.needed_from);
    auto* entry = rd_kafka_topic_partition_list_add(list.get(), slot.at.topic.c_str(), slot.at.partition);
    entry->offset = pending.checkpoint.processed_through;
    const std::string metadata = pending.checkpoint.metadata();
    entry->metadata_size = metadata.size();
    entry->metadata = rd_kafka_mem_malloc(nullptr, metadata.size());
    metadata.copy(static_cast<char*>(entry->metadata), metadata.size());
  }
  const Owned<rd_kafka_consumer_group_metadata_t> group(rd_kafka_consumer_group_metadata(consumer));
  if (group == nullptr || !is_member(consumer)) {
    spdlog::warn("the group no longer knows this member; its transaction is given up stage={}", spec_.name);
    return Outcome::abort;
  }
  return producer.send_offsets(list.get(), group.get());
}

void Committer::committed(Pending& pending, SteadyTime now) {
  Slot& slot = *pending.slot;
  const Metrics::Labels stage{{"stage", spec_.name}};
  if (slot.records > 0) {
    metrics_.count("records", stage, static_cast<double>(slot.records));
    metrics_.count("record_bytes", stage, static_cast<double>(slot.bytes));
  }
  if (const int64_t passed = pending.checkpoint.processed_through - slot.committed_through; passed > 0)
    metrics_.count("offsets", stage, static_cast<double>(passed));
  std::map<Stream, std::pair<uint64_t, uint64_t>> written;
  for (const auto& output : slot.outputs.outputs()) {
    auto& [records, bytes] = written[output.stream];
    const auto copies = output.is_everywhere ? static_cast<uint64_t>(partitions_.at(output.stream)) : 1;
    records += copies;
    bytes += copies * (output.key.size() + output.value.size());
  }
  for (const auto& [stream, sums] : written) {
    const Metrics::Labels labels{{"stage", spec_.name}, {"stream", std::string(name_of(stream))}};
    metrics_.count("outputs", labels, static_cast<double>(sums.first));
    metrics_.count("output_bytes", labels, static_cast<double>(sums.second));
  }
  for (const auto& [counter, by] : slot.outputs.counts()) {
    Metrics::Labels labels{{"stage", spec_.name}};
    if (!counter.second.empty()) labels["kind"] = counter.second;
    metrics_.count(counter.first, labels, static_cast<double>(by));
  }
  slot.outputs.clear();
  slot.records = 0;
  slot.bytes = 0;
  slot.committed_through = pending.checkpoint.processed_through;
  slot.last_mark = now;
  slot.task.committed();
}

}  // namespace tidewatch::kafka
