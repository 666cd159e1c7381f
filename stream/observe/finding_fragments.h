#pragma once

#include <map>
#include <string>
#include <utility>

#include "stream/ingest/findings/event_target.h"
#include "stream/runtime/effects.h"
#include "tidewatch/v1/fragment.pb.h"

namespace tidewatch {

/// Feedback and evaluations of one record, as one fragment per target. What names only a span and has no labels of its
/// own goes to every partition of fragments: only the task that has the span knows its trace.
class FindingFragments {
 public:
  /// `source`: where the record stands.
  explicit FindingFragments(v1::Source source) : source_(std::move(source)) {}

  /// `has_labels`: the event says itself where it counts.
  v1::Fragment& of(const EventTarget& target, bool has_labels);
  void emit(Effects& out) const;

 private:
  v1::Source source_;
  std::map<std::pair<std::string, bool>, v1::Fragment> by_key_;  ///< and whether its span is sought
};

}  // namespace tidewatch
