#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "detectors/core/bytes.h"
#include "detectors/core/result.h"
#include "detectors/core/time.h"
#include "tidewatch/v1/partial.pb.h"

namespace tidewatch {

/// A value of a label that an entity had not shown before.
struct FirstSight {
  Timestamp at{};
  std::string label;
  std::string value;
  std::string trace_id;  ///< 16 raw bytes; empty after a restore
};

/// Which values of labels an entity has shown (by hash), and those that were new lately. Beyond kMaxValues by label,
/// values are no longer told apart from new ones, and none is reported: a label with so many is no version.
class KnownValues {
 public:
  static constexpr size_t kMaxValues = 512;
  static constexpr size_t kMaxRecent = 16;

  /// Takes note; the sight when the value is new and `is_silent` is false.
  std::vector<FirstSight> note(const std::vector<v1::Sighting>& seen, bool is_silent);
  /// New ones first seen in [from, through], oldest first.
  std::vector<FirstSight> recent(Timestamp from, Timestamp through) const;

  void save(ByteWriter& out) const;
  bool load(ByteReader& in);

 private:
  std::set<std::pair<std::string, uint64_t>> values_;
  std::vector<FirstSight> recent_;
};

}  // namespace tidewatch
