#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "detectors/core/result.h"
#include "stream/runtime/kafka_client.h"

namespace tidewatch {

/// Reads public output topics of one partition from their beginning, as any subscriber would.
class OutputReader {
 public:
  using Receive = std::function<void(Stream, std::string_view value)>;

  /// Errors: `bad_config`, `kafka_error`.
  static Result<OutputReader> open(const KafkaOptions& options, std::initializer_list<Stream> streams);

  /// Hands over what has come, in the order of each topic; waits at most `patience` for the first record.
  /// Errors: `kafka_error`.
  Status poll(Duration patience, const Receive& receive);

 private:
  OutputReader(const KafkaOptions& options, std::initializer_list<Stream> streams, kafka::Client client)
      : options_(&options), streams_(streams), client_(std::move(client)) {}

  const KafkaOptions* options_;
  std::vector<Stream> streams_;
  kafka::Client client_;
};

}  // namespace tidewatch
