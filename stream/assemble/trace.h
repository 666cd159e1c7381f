#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/core/time.h"
#include "stream/assemble/request.h"
#include "stream/window/entity.h"
#include "tidewatch/v1/fragment.pb.h"

namespace tidewatch {

/// What is kept of a span after its request was counted: enough to recognise it again and to tell whether a late one
/// restates what was counted.
struct SpanMark {
  std::string span_id;
  std::string parent_span_id;
  Usage counted;
};

/// Feedback as it was counted, so that it can be changed or withdrawn.
struct CountedFeedback {
  v1::FeedbackFacts facts;
  bool is_withdrawn = false;
};

/// All that is known of one trace. Open: its spans are collected. Closed: its request was counted; labels are kept.
struct Trace {
  std::string id;                       ///< 16 raw bytes
  int64_t first_offset = 0;             ///< of its oldest fragment
  Timestamp last_span = kMinTimestamp;  ///< end of its last span
  Timestamp activity = kMinTimestamp;   ///< latest event time of anything of it
  bool is_closed = false;

  // Open.
  std::vector<TraceSpan> spans;
  std::vector<TraceSpan> additions;  ///< from logs, to spans that have not come yet
  std::vector<v1::FeedbackFacts> feedback;
  std::vector<v1::EvaluationFacts> evaluations;
  bool has_entry = false;
  Timestamp closes_at = kMaxTimestamp;
  Timestamp hold = kMaxTimestamp;  ///< nothing older will be counted for it; kMaxTimestamp: holds nobody back

  // Closed.
  Labels labels;
  Exemplar exemplar;
  std::vector<SpanMark> marks;

  // Either.
  std::vector<CountedFeedback> counted_feedback;
  std::vector<std::string> counted_evaluations;  ///< ids

  Timestamp expires_at = kMaxTimestamp;

  bool has_span(std::string_view span_id) const;
  /// Adds a span, or what a log says of one; false for a duplicate.
  bool add_span(const v1::SpanFacts& facts, const v1::Source& source);
  /// Frees what only an open trace needs and keeps what a closed one does.
  void close(const Request& request);
  /// Usage of a late span that is neither restated by what was counted nor restates it.
  Usage uncounted(const v1::SpanFacts& late) const;
};

}  // namespace tidewatch
