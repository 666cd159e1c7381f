#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/core/time.h"
#include "detectors/sketch/exemplar.h"
#include "stream/window/entity.h"
#include "tidewatch/v1/fragment.pb.h"

namespace tidewatch {

/// A span as its trace holds it, with where it was read.
struct TraceSpan {
  v1::SpanFacts facts;
  v1::Source source;
};

/// Tokens and cost that count on one span: absent where the span states none, or where spans below it state the same
/// quantity closer to the model call.
struct Usage {
  std::optional<double> input_tokens;  ///< cached ones included
  std::optional<double> output_tokens;
  std::optional<double> cached_tokens;
  std::optional<double> cache_write_tokens;
  std::optional<double> reasoning_tokens;
  std::optional<double> cost_usd;  ///< as stated by the span
  /// A span above states the cost of these tokens, and it counts there: a price list must not add to it.
  bool is_cost_stated_above = false;

  bool empty() const {
    return !input_tokens && !output_tokens && !cached_tokens && !cache_write_tokens && !reasoning_tokens && !cost_usd;
  }
};

/// One step of a request: a call of a model, a retrieval, a tool, or structure around them that alone states usage.
struct Call {
  const TraceSpan* span = nullptr;
  v1::Operation operation = v1::OPERATION_UNKNOWN;
  bool is_model_call = false;  ///< a chat or completion call with no other one below it
  Labels labels;               ///< the request's, overridden by those of the nearest span that states them
  std::string model;  ///< the model asked for, else the one that answered: an update behind an alias is no new entity
  Usage usage;
  Duration duration{};

  const v1::SpanFacts& facts() const { return span->facts; }
};

/// One assembled trace. Points into the spans it was made of and into itself: moved, never copied.
struct Request {
  Request() = default;
  Request(Request&&) = default;
  Request& operator=(Request&&) = default;

  std::string trace_id;  ///< 16 raw bytes
  Timestamp time{};      ///< end of its last span: the pane it counts in
  Timestamp start{};
  Duration latency{};  ///< of the root; without a root from the first start to the last end
  bool has_root = false;
  bool is_genai = false;  ///< some span is of a model, retrieval, tool or agent
  Labels labels;
  bool is_failed = false;  ///< hard error: the root failed, or every model call did
  std::string error_kind;  ///< of a failed one; "other" when not stated
  std::vector<Call> calls;
  const Call* answer = nullptr;           ///< the call that gave the last answer whose text was present; may be none
  const Call* last_model_call = nullptr;  ///< may be none

  Exemplar exemplar(const Call* call = nullptr) const;  ///< where it can be read again
};

/// Assembles the spans of one trace; `spans` must outlive the request.
/// The result does not depend on the order of `spans`.
Request assemble_request(std::string_view trace_id, const std::vector<TraceSpan>& spans);

Timestamp start_of(const v1::SpanFacts& facts);
Timestamp end_of(const v1::SpanFacts& facts);
/// `time` + `by`, or the end of the range: broken clocks make times near it.
Timestamp after(Timestamp time, Duration by);

}  // namespace tidewatch
