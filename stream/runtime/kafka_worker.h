#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "stream/runtime/kafka_cluster.h"
#include "stream/runtime/kafka_commit.h"
#include "stream/runtime/kafka_producer.h"
#include "stream/runtime/kafka_restore.h"
#include "stream/runtime/kafka_slot.h"
#include "stream/runtime/metrics.h"

namespace tidewatch::kafka {

/// What a worker has to know of the topology; outlives the workers.
struct StagePlan {
  StageSpec spec;
  std::map<std::string, Stream> inputs;       ///< by topic
  std::vector<std::string> expected_sources;  ///< "topic/partition" of every upstream task
};

/// One thread of one stage: a consumer in the stage's group, a transactional producer, and a task per assigned
/// partition. Whatever goes wrong, the tasks are thrown away and built again from what is committed.
class Worker {
 public:
  /// References outlive the worker. `partitions`: of every stream that is not a public input.
  Worker(const KafkaOptions& options, const StagePlan& plan, int index, const std::map<Stream, int32_t>& partitions,
         Cluster& cluster, Metrics& metrics);
  ~Worker();

  void start();
  /// Asks the thread to finish its batch, commit and leave the group; returns at once.
  void request_stop() { stop_ = true; }
  void join();

  /// A member of the group whose tasks are restored.
  bool ready() const { return ready_; }
  /// What ended the thread; nullopt while it runs and after a stop that was asked for.
  std::optional<Error> failure() const;
  const std::string& stage() const { return plan_.spec.name; }

 private:
  void run();
  Status open_consumer();
  void close_consumer();
  bool await_first_assignment();
  bool open_producer();
  void poll_until(SteadyTime due);
  void take(const rd_kafka_message_t& message);
  void process(const rd_kafka_message_t& message, Slot& slot);
  Slot* slot_of(const rd_kafka_message_t& message);

  bool commit();              ///< false: the tasks are stale and `reload_` is set
  void recover(Outcome why);  ///< after a commit that failed
  void reload();              ///< builds every task again from what is committed
  bool seek_to_start();
  bool build_slots(const std::vector<TaskPartition>& partitions);
  void drop_slot(const TaskPartition& at);

  static void on_rebalance(rd_kafka_t*, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t* list, void* self);
  static void on_error(rd_kafka_t*, int code, const char* reason, void* self);
  void assigned(rd_kafka_topic_partition_list_t* list);
  void revoked(const rd_kafka_topic_partition_list_t* list);
  void report(SteadyTime now);
  void fail(Error error);

  const KafkaOptions& options_;
  const StagePlan& plan_;
  std::string name_;  ///< <group>-<instance>-<index>: transactional id and member name
  Metrics& metrics_;
  std::atomic<bool> stop_{false};
  std::atomic<bool> ready_{false};
  TransactionalProducer producer_;
  Committer committer_;
  Restorer restorer_;
  Client consumer_;
  Slots slots_;
  Slot* last_slot_ = nullptr;  ///< of the last message: they come in runs
  const void* last_topic_ = nullptr;
  size_t collected_bytes_ = 0;
  bool reload_ = false;
  bool was_assigned_ = false;  ///< since the consumer was opened
  bool discard_ = false;       ///< revocations drop tasks without committing
  SteadyTime next_report_{};
  int failures_in_a_row_ = 0;
  mutable std::mutex mutex_;
  std::optional<Error> failure_;
  std::thread thread_;
};

}  // namespace tidewatch::kafka
