#pragma once

#include <map>
#include <string>
#include <vector>

#include "stream/runtime/kafka_producer.h"
#include "stream/runtime/kafka_slot.h"
#include "stream/runtime/metrics.h"

namespace tidewatch::kafka {

/// Commits what the slots of one worker have collected: outputs, state, watermark marks, progress and input offsets
/// become visible together or not at all (KIP-447).
class Committer {
 public:
  /// `partitions`: of every topic that is not a public input. References outlive the committer.
  Committer(const KafkaOptions& options, const StageSpec& spec, const std::map<Stream, int32_t>& partitions,
            Metrics& metrics)
      : options_(options), spec_(spec), partitions_(partitions), metrics_(metrics) {}

  /// Ends the batch of every slot and commits what is new; Outcome::done also when nothing is. After any other outcome
  /// the slots are ahead of what is stored and have to be built again.
  Outcome commit(Slots& slots, TransactionalProducer& producer, rd_kafka_t* consumer);

 private:
  struct Pending;
  bool is_due(const Slot& slot, SteadyTime now) const;
  Outcome append_outputs(Pending& pending, TransactionalProducer& producer);
  Outcome append_marks(Pending& pending, TransactionalProducer& producer);
  Outcome append_progress(Pending& pending, TransactionalProducer& producer);
  Outcome send_offsets(std::vector<Pending>& due, TransactionalProducer& producer, rd_kafka_t* consumer);
  void committed(Pending& pending, SteadyTime now);
  int32_t partition_for(const Output& output, const Slot& slot) const;

  const KafkaOptions& options_;
  const StageSpec& spec_;
  const std::map<Stream, int32_t>& partitions_;
  Metrics& metrics_;
};

}  // namespace tidewatch::kafka
