#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "detectors/core/time.h"

namespace tidewatch {

/// The streams Tidewatch reads and writes, by role; config maps each to a Kafka topic name.
enum class Stream : uint8_t {
  traces,
  logs,
  feedback,
  evaluations,
  commands,  // in
  fragments,
  partials,
  turns,
  eval_requests,
  raised,
  progress,
  state,  // internal
  quality_scores,
  alerts,
  alerts_state,
  incidents,
  rollouts,
  changes,
  reviews,
  dead_letter,  // out
};
inline constexpr int kStreamCount = static_cast<int>(Stream::dead_letter) + 1;

/// Name in config (`topics: {traces: ...}`), metrics and files.
std::string_view name_of(Stream stream);

struct Header {
  std::string name;
  std::string value;
};

/// A record as a stage sees it; views live as long as the call.
struct Record {
  Stream stream = Stream::traces;
  std::string_view topic;
  int32_t partition = 0;
  int64_t offset = 0;
  Timestamp append_time{};  ///< when the broker (or producer) stamped it; kMinTimestamp when unknown
  std::string_view key;
  std::string_view value;
  std::span<const Header> headers;
};

}  // namespace tidewatch
