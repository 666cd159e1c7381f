#pragma once

#include <map>
#include <string>

#include "stream/ingest/findings/event_target.h"
#include "stream/runtime/effects.h"
#include "tidewatch/v1/fragment.pb.h"

namespace tidewatch {

/// Feedback and evaluations of one record, as one fragment per target.
class FindingFragments {
 public:
  /// `source`: where the record stands.
  explicit FindingFragments(v1::Source source) : source_(std::move(source)) {}

  v1::Fragment& of(const EventTarget& target);
  void emit(Effects& out) const;

 private:
  v1::Source source_;
  std::map<std::string, v1::Fragment> by_key_;
};

}  // namespace tidewatch
