#include "stream/runtime/kafka_worker.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <utility>

#include "stream/runtime/append_time.h"

namespace tidewatch::kafka {
namespace {

using std::chrono::steady_clock;

std::vector<TaskPartition> to_partitions(const rd_kafka_topic_partition_list_t& list) {
  std::vector<TaskPartition> out;
  out.reserve(static_cast<size_t>(list.cnt));
  for (int i = 0; i < list.cnt; ++i) out.push_back({list.elems[i].topic, list.elems[i].partition});
  return out;
}

}  // namespace

Worker::Worker(const KafkaOptions& options, const StagePlan& plan, int index,
               const std::map<Stream, int32_t>& partitions, Cluster& cluster, Metrics& metrics)
    : options_(options),
      plan_(plan),
      name_(fmt::format("{}-{}-{}", options.group_of(plan.spec.name), options.instance, index)),
      metrics_(metrics),
      producer_(options, name_, stop_),
      committer_(options, plan.spec, partitions, metrics),
      restorer_(options, plan.spec, cluster, partitions.at(Stream::progress), stop_) {}

Worker::~Worker() {
  request_stop();
  join();
}

void Worker::start() {
  thread_ = std::thread([this] { run(); });
}

void Worker::join() {
  if (thread_.joinable()) thread_.join();
}

std::optional<Error> Worker::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

void Worker::fail(Error error) {
  if (error.code == "stopped") return;
  spdlog::error("stage ended member={} code={} reason=\"{}\"", name_, error.code, error.message);
  const std::lock_guard lock(mutex_);
  if (!failure_) failure_ = std::move(error);
  stop_ = true;
  discard_ = true;
}

void Worker::run() {
  if (open_producer()) {
    if (auto status = open_consumer(); !status) fail(status.error());
    while (!stop_) {
      const auto due = steady_clock::now() + options_.commit_interval;
      poll_until(due);
      if (!reload_) commit();
      if (reload_) reload();
      report(steady_clock::now());
    }
    if (!discard_ && consumer_ != nullptr) commit();
    close_consumer();
  }
  ready_ = false;
  producer_.close();
}

bool Worker::open_producer() {
  // What the brokers refuse now they may take later (a coordinator that moves, a transaction that is being ended).
  while (!stop_) {
    const auto status = producer_.open();
    if (status) return true;
    if (status.error().code == "bad_config" || ++failures_in_a_row_ > 20) {
      fail(status.error());
      return false;
    }
    spdlog::warn("transactions not available yet member={} reason=\"{}\"", name_, status.error().message);
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
  }
  return false;
}

Status Worker::open_consumer() {
  Properties own = {{"group.id", options_.group_of(plan_.spec.name)},
                    {"client.id", name_},
                    {"partition.assignment.strategy", "cooperative-sticky"},
                    {"enable.auto.commit", "false"},
                    {"enable.auto.offset.store", "false"},
                    {"enable.partition.eof", "true"},
                    {"isolation.level", "read_committed"},
                    {"session.timeout.ms", std::to_string(milliseconds(options_.session_timeout))},
                    {"heartbeat.interval.ms", std::to_string(milliseconds(options_.session_timeout / 5))},
                    {"topic.metadata.refresh.interval.ms", "30000"}};
  if (options_.static_membership) own["group.instance.id"] = name_;
  if (!options_.properties.contains("auto.offset.reset")) own["auto.offset.reset"] = "earliest";
  auto conf = make_conf(options_, own);
  if (!conf) return conf.error();
  rd_kafka_conf_set_rebalance_cb(conf->get(), on_rebalance);
  rd_kafka_conf_set_error_cb(conf->get(), on_error);
  rd_kafka_conf_set_opaque(conf->get(), this);
  auto made = make_client(RD_KAFKA_CONSUMER, std::move(conf).value());
  if (!made) return made.error();
  consumer_ = std::move(made).value();
  const PartitionList topics(rd_kafka_topic_partition_list_new(static_cast<int>(plan_.inputs.size())));
  for (const auto& [topic, stream] : plan_.inputs)
    rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  const auto code = rd_kafka_subscribe(consumer_.get(), topics.get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(code, "subscribe " + name_);
  return ok_status();
}

bool Worker::await_first_assignment() {
  const auto until = steady_clock::now() + std::chrono::duration_cast<steady_clock::duration>(options_.session_timeout);
  while (!was_assigned_ && steady_clock::now() < until)
    const Message ignored(rd_kafka_consumer_poll(consumer_.get(), 100));
  return was_assigned_;
}

void Worker::close_consumer() {
  if (consumer_ != nullptr) {
    // librdkafka 2.0.2 asserts when a member is closed between joining a group and its first assignment
    // (rd_kafka_sticky_assignor_state_destroy). A member that is never assigned is left to its session timeout.
    if (!was_assigned_) discard_ = true;
    if (was_assigned_ || await_first_assignment()) {
      rd_kafka_consumer_close(consumer_.get());  // calls revoked()
    } else {
      spdlog::warn("left without an assignment member={}: the group notices after the session timeout", name_);
      [[maybe_unused]] const auto* left_alone = consumer_.release();
    }
  }
  was_assigned_ = false;
  while (!slots_.empty()) drop_slot(slots_.begin()->first);
  consumer_.reset();
}

void Worker::poll_until(SteadyTime due) {
  collected_bytes_ = 0;
  while (!stop_ && !reload_ && collected_bytes_ < options_.commit_bytes) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(due - steady_clock::now()).count();
    if (left <= 0) return;
    const Message message(rd_kafka_consumer_poll(consumer_.get(), static_cast<int>(left)));
    // A rebalance served by the poll may have made the tasks stale: then the message is read again later.
    if (message != nullptr && !reload_) take(*message);
  }
}

Slot* Worker::slot_of(const rd_kafka_message_t& message) {
  if (last_slot_ != nullptr && last_topic_ == message.rkt && last_slot_->at.partition == message.partition)
    return last_slot_;
  const auto found = slots_.find({rd_kafka_topic_name(message.rkt), message.partition});
  if (found == slots_.end()) return nullptr;
  last_topic_ = message.rkt;
  return last_slot_ = found->second.get();
}

void Worker::take(const rd_kafka_message_t& message) {
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR && message.err != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    spdlog::warn("consumer error member={} reason=\"{}\"", name_, rd_kafka_message_errstr(&message));
    return;
  }
  Slot* slot = slot_of(message);
  if (slot == nullptr) return;
  if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
    slot->at_end = true;
  else
    process(message, *slot);
}

void Worker::process(const rd_kafka_message_t& message, Slot& slot) {
  std::vector<Header> headers;
  rd_kafka_headers_t* found = nullptr;
  if (rd_kafka_message_headers(&message, &found) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const char* name = nullptr;
    const void* value = nullptr;
    size_t size = 0;
    for (size_t i = 0; rd_kafka_header_get_all(found, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
      headers.push_back({name, std::string(static_cast<const char*>(value), size)});
  }
  rd_kafka_timestamp_type_t kind{};
  const int64_t stamp = rd_kafka_message_timestamp(&message, &kind);
  std::optional<Timestamp> stamped;
  if (kind != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE && stamp >= 0) stamped = Timestamp(std::chrono::milliseconds(stamp));
  const Timestamp now = wall_now();
  const Record record{.stream = slot.stream,
                      .topic = slot.at.topic,
                      .partition = message.partition,
                      .offset = message.offset,
                      .append_time = believed_append_time(stamped, now, options_.idle_policy),
                      .key = {static_cast<const char*>(message.key), message.key_len},
                      .value = {static_cast<const char*>(message.payload), message.len},
                      .headers = headers};
  const bool replay = message.offset < slot.committed_through && slot.task.replaying();
  const size_t before = slot.outputs.bytes();
  slot.task.process(record, slot.outputs, now);
  collected_bytes_ += slot.outputs.bytes() - before;
  slot.at_end = false;
  slot.last_read = steady_clock::now();
  (replay ? slot.replayed : slot.records) += 1;
  if (!replay) slot.bytes += message.len;
}

bool Worker::commit() {
  const auto outcome = committer_.commit(slots_, producer_, consumer_.get());
  if (outcome == Outcome::done) {
    failures_in_a_row_ = 0;
    return true;
  }
  recover(outcome);
  return false;
}

void Worker::recover(Outcome why) {
  reload_ = true;
  if (why == Outcome::gave_up) {
    discard_ = true;
    return;
  }
  metrics_.count("aborted_transactions", {{"stage", plan_.spec.name}});
  spdlog::warn("transaction given up, its input is processed again member={} reason=\"{}\"", name_,
               producer_.last_error());
  // Something that fails each time (a broker that refuses what we write) must not become a busy loop.
  const auto pause = std::chrono::milliseconds(std::min(failures_in_a_row_++ * 200, 5000));
  std::this_thread::sleep_for(pause);
  if (why == Outcome::abort) why = producer_.abort();
  if (why == Outcome::done) return;
  producer_.close();
  if (!open_producer()) discard_ = true;
}

void Worker::reload() {
  ready_ = false;
  std::vector<TaskPartition> partitions;
  for (const auto& [at, slot] : slots_) partitions.push_back(at);
  for (const auto& at : partitions) drop_slot(at);
  reload_ = false;
  if (!build_slots(partitions) || seek_to_start()) return;
  // A partition in the middle of a rebalance cannot be positioned: begin again as a new member.
  spdlog::warn("rejoining the group member={}", name_);
  discard_ = true;
  close_consumer();
  discard_ = stop_;
  if (auto status = open_consumer(); !status) fail(status.error());
}

bool Worker::seek_to_start() {
  if (slots_.empty()) return true;
  const PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(slots_.size())));
  for (const auto& [at, slot] : slots_)
    rd_kafka_topic_partition_list_add(list.get(), at.topic.c_str(), at.partition)->offset = slot->start_offset;
  const Owned<rd_kafka_error_t> error(rd_kafka_seek_partitions(consumer_.get(), list.get(), 10'000));
  if (error != nullptr) return false;
  for (int i = 0; i < list->cnt; ++i)
    if (list->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
  return true;
}

bool Worker::build_slots(const std::vector<TaskPartition>& partitions) {
  if (partitions.empty()) return true;
  const auto begun = steady_clock::now();
  const Metrics::Labels labels{{"stage", plan_.spec.name}};
  while (!stop_) {
    auto stored = restorer_.restore(consumer_.get(), partitions);
    if (!stored) {
      const auto& code = stored.error().code;
      if (code == "stopped" || code == "bad_checkpoint" || code == "bad_config") {
        fail(stored.error());
        return false;
      }
      spdlog::warn("restore is repeated member={} reason=\"{}\"", name_, stored.error().message);
      std::this_thread::sleep_for(std::chrono::milliseconds(500));
      continue;
    }
    uint64_t rejected = 0;
    uint64_t read = 0;
    for (auto& one : *stored) {
      read += one.records_read;
      const TaskPartition at = one.at;
      slots_[at] =
          make_slot(options_, plan_.spec, plan_.expected_sources, plan_.inputs.at(at.topic), std::move(one), rejected);
    }
    const double seconds = to_seconds(steady_clock::now() - begun);
    metrics_.observe("restore_seconds", labels, seconds);
    metrics_.count("restored_records", labels, static_cast<double>(read));
    if (rejected > 0) metrics_.count("rejected_state", labels, static_cast<double>(rejected));
    spdlog::info("tasks restored member={} partitions={} records={} seconds={:.3f}", name_, partitions.size(), read,
                 seconds);
    return true;
  }
  return false;
}

void Worker::drop_slot(const TaskPartition& at) {
  last_slot_ = nullptr;
  const Metrics::Labels labels{
      {"stage", plan_.spec.name}, {"topic", at.topic}, {"partition", std::to_string(at.partition)}};
  for (const char* gauge : {"watermark_lag_seconds", "consumer_lag_records", "stalled_sources", "idle_sources"})
    metrics_.remove(gauge, labels);
  slots_.erase(at);
}

void Worker::on_error(rd_kafka_t* consumer, int code, const char* reason, void* self) {
  auto& worker = *static_cast<Worker*>(self);
  if (code != RD_KAFKA_RESP_ERR__FATAL) {
    spdlog::warn("consumer event member={} reason=\"{}\"", worker.name_, reason);
    return;
  }
  std::array<char, 512> text{};
  const auto fatal = rd_kafka_fatal_error(consumer, text.data(), text.size());
  worker.fail(
      {"kafka_error", fmt::format("{}: {} ({}); does another process use the instance name \"{}\"?", worker.name_,
                                  text.data(), rd_kafka_err2name(fatal), worker.options_.instance)});
}

void Worker::on_rebalance(rd_kafka_t* consumer, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t* list,
                          void* self) {
  auto& worker = *static_cast<Worker*>(self);
  worker.metrics_.count("rebalances", {{"stage", worker.plan_.spec.name}});
  Owned<rd_kafka_error_t> error;
  if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    worker.assigned(list);
    error.reset(rd_kafka_incremental_assign(consumer, list));
  } else {
    worker.revoked(list);
    error.reset(rd_kafka_incremental_unassign(consumer, list));
  }
  if (error != nullptr)
    spdlog::error("rebalance failed member={} reason=\"{}\"", worker.name_, rd_kafka_error_string(error.get()));
}

void Worker::assigned(rd_kafka_topic_partition_list_t* list) {
  was_assigned_ = true;
  spdlog::info("partitions assigned member={} count={}", name_, list->cnt);
  ready_ = false;
  if (!build_slots(to_partitions(*list))) return;
  for (int i = 0; i < list->cnt; ++i) {
    auto& entry = list->elems[i];
    entry.offset = slots_.at({entry.topic, entry.partition})->start_offset;
  }
}

void Worker::revoked(const rd_kafka_topic_partition_list_t* list) {
  const bool lost = rd_kafka_assignment_lost(consumer_.get()) != 0;
  spdlog::info("partitions revoked member={} count={} lost={}", name_, list->cnt, lost);
  // The next owner begins where this one has committed: the sooner, the less is done twice.
  if (!lost && !discard_ && !reload_) commit();
  for (const auto& at : to_partitions(*list)) drop_slot(at);
}

void Worker::report(SteadyTime now) {
  if (now < next_report_) return;
  next_report_ = now + std::chrono::seconds(1);
  const std::string& stage = plan_.spec.name;
  if (!ready_ && !reload_ && consumer_ != nullptr) {
    char* member = rd_kafka_memberid(consumer_.get());
    ready_ = member != nullptr && *member != '\0';
    if (member != nullptr) rd_kafka_mem_free(consumer_.get(), member);
  }
  metrics_.set("tasks", {{"stage", stage}, {"member", name_}}, static_cast<double>(slots_.size()));
  for (auto& [at, slot] : slots_) {
    const Metrics::Labels labels{{"stage", stage}, {"topic", at.topic}, {"partition", std::to_string(at.partition)}};
    if (slot->replayed > 0)
      metrics_.count("replayed_records", {{"stage", stage}}, static_cast<double>(std::exchange(slot->replayed, 0)));
    if (slot->task.watermark() != kMinTimestamp)
      metrics_.set("watermark_lag_seconds", labels, to_seconds(wall_now() - slot->task.watermark()));
    int64_t low = 0;
    int64_t high = 0;
    if (rd_kafka_get_watermark_offsets(consumer_.get(), at.topic.c_str(), at.partition, &low, &high) ==
            RD_KAFKA_RESP_ERR_NO_ERROR &&
        high >= 0)
      metrics_.set("consumer_lag_records", labels,
                   slot->at_end ? 0 : static_cast<double>(std::max<int64_t>(high - slot->committed_through, 0)));
    int stalled = 0;
    int idle = 0;
    for (const auto& [name, source] : slot->task.sources().sources()) {
      stalled += source.stalled ? 1 : 0;
      idle += source.idle ? 1 : 0;
    }
    metrics_.set("stalled_sources", labels, stalled);
    metrics_.set("idle_sources", labels, idle);
    if ((stalled > 0) != slot->stall_reported)
      spdlog::log(stalled > 0 ? spdlog::level::warn : spdlog::level::info,
                  "upstream partitions silent stage={} topic={} partition={} stalled={}", stage, at.topic, at.partition,
                  stalled);
    slot->stall_reported = stalled > 0;
  }
}

}  // namespace tidewatch::kafka
