#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/core/time.h"
#include "stream/assemble/counted_findings.h"
#include "stream/assemble/prices.h"
#include "stream/assemble/request.h"
#include "stream/window/entity.h"
#include "tidewatch/v1/fragment.pb.h"

namespace tidewatch {

/// What is kept of a span after its request was counted: enough to recognise it again and to tell whether a late one
/// restates what was counted.
struct SpanMark {
  std::string span_id;
  std::string parent_span_id;
  Usage counted;               ///< its cost as counted, whether stated or from the price list
  bool is_model_call = false;  ///< counted as a call of a model
  bool has_failed = false;
};

/// What a late span adds to what was counted.
struct LateSpan {
  Usage usage;                 ///< neither restated by what was counted, nor restating it
  bool is_model_call = false;  ///< a model call of which neither the structure around it nor a call below was counted
};

/// All that is known of one trace. Open: its spans are collected. Closed: its request was counted; labels are kept.
struct Trace {
  std::string id;                       ///< 16 raw bytes
  int64_t first_offset = 0;             ///< of the oldest record about it
  Timestamp last_span = kMinTimestamp;  ///< end of its last span
  Timestamp activity = kMinTimestamp;   ///< latest event time of anything of it, counted or not
  bool is_closed = false;

  // Open.
  std::vector<TraceSpan> spans;
  std::vector<TraceSpan> additions;  ///< what logs say of spans; joined to them when the trace closes
  std::vector<v1::FeedbackFacts> feedback;
  std::vector<v1::EvaluationFacts> evaluations;
  bool has_root = false;  ///< a span without parent was seen; one that serves a caller elsewhere may be far from it
  Timestamp closes_at = kMaxTimestamp;
  Timestamp spans_hold = kMaxTimestamp;   ///< the request will not be counted before
  Timestamp events_hold = kMaxTimestamp;  ///< earliest feedback or evaluation that waits for the request

  // Closed.
  Labels labels;
  Exemplar exemplar;  ///< its trace id is there from the start; empty when `id` is not a trace's
  std::vector<SpanMark> marks;
  std::vector<v1::Source> sources;  ///< sources_of_spans() while they were there; only where requests are sampled
  Timestamp time = kMinTimestamp;   ///< of the request
  bool is_request = false;          ///< counted as a request of a model
  bool is_reported = false;         ///< a user said that it was bad; only where requests are sampled

  // Either.
  CountedFindings counted;

  Timestamp expires_at = kMaxTimestamp;

  /// Nothing older will be counted for it; kMaxTimestamp: it holds nobody back.
  Timestamp hold() const { return is_closed ? kMaxTimestamp : std::min(spans_hold, events_hold); }

  /// Whether a span of this id was counted.
  bool has_mark(std::string_view span_id) const;

  /// Adds a span, or what a log says of one. Whatever copy of a span comes first, its source is the smallest.
  enum class Added : uint8_t { yes, duplicate, over_limit };
  Added add_span(const v1::SpanFacts& facts, const v1::Source& source, size_t max_spans);

  /// The records that its spans and what logs say of them were read from, each once; of copies the smallest.
  std::vector<v1::Source> sources_of_spans() const;

  /// Joins the additions to their spans. The result does not depend on the order in which they came.
  void join_additions();
  /// Frees what only an open trace needs and keeps what a closed one does.
  void close(const Request& request, const PriceList& prices);
  /// What of a span that came after close() was not counted yet.
  LateSpan judge_late(const v1::SpanFacts& late) const;
};

}  // namespace tidewatch
