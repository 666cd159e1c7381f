#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/core/result.h"
#include "stream/runtime/record.h"

namespace tidewatch {

/// What a stage may do: all of it is outputs and counts, committed by the runner as one transaction with the offsets
/// of the input that caused them. During replay the runner hands in an Effects that drops everything.
class Effects {
 public:
  virtual ~Effects() = default;

  /// Appends to a stream; the key decides the partition. An empty `value` with a key is a tombstone on compacted
  /// streams.
  virtual void emit(Stream stream, std::string_view key, std::string_view value,
                    std::span<const Header> headers = {}) = 0;

  /// Appends to every partition of an internal stream: what is meant for a task that only the tasks themselves know.
  virtual void emit_everywhere(Stream stream, std::string_view key, std::string_view value) = 0;

  /// Sends what cannot be read to the dead-letter topic with position, reason and the bytes up to a limit. `part` is
  /// the offending part of the record's value where only a part is bad (one span of a batch), else the whole value.
  virtual void dead_letter(const Record& record, const Error& reason, std::string_view part) = 0;

  /// Adds to a counter: `name` is a metric name without prefix ("spans", "late_spans"), `label` its one label value.
  virtual void count(std::string_view name, std::string_view label = {}, uint64_t by = 1) = 0;
};

}  // namespace tidewatch
