#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/core/result.h"
#include "detectors/core/time.h"
#include "stream/ingest/findings/finding.h"

namespace tidewatch {

/// One item of a message that cannot be used; `part` is its bytes (JSON without whitespace).
struct BadFinding {
  Error error;
  std::string part;
};

/// What one message of `llm.feedback` or `llm.evaluations` says, in its order.
struct Findings {
  std::vector<ParsedFeedback> feedback;
  std::vector<ParsedEvaluation> evaluations;
  std::vector<BadFinding> bad;  ///< its neighbours are delivered all the same
  size_t ignored = 0;           ///< items of a known shape that are about no answer (traces in a batch, expectations)
};

/// Reads a message of `llm.feedback`: FeedbackEvent as JSON or protobuf, or JSON as the APIs of Langfuse, Phoenix,
/// LangSmith and MLflow take it (docs/topics/llm.feedback.md); one item, an array, or an object with "data" or "batch".
/// Findings of models and rules are evaluations, whatever the topic. An id that is not stated is made of the content;
/// a time that is not stated is `append_time`. Text of people is dropped.
///
/// A known id that comes again with `op` create and another content replaces what it said: Langfuse, Phoenix and
/// LangSmith write again under the same id to change a score. With the same content it is a duplicate.
///
/// Error, when nothing of the message can be read: `bad_json`, `not_an_event`, `empty`. Codes of Findings::bad:
/// `bad_event`, `bad_trace_id`, `bad_span_id`, `bad_time`, `bad_op`, `bad_thumb`, `bad_range`, `bad_score`,
/// `bad_probability`, `score_out_of_range`, `unknown_scale`, `missing_id`, `no_target`, `no_finding`, `no_name`,
/// `not_an_event`.
Result<Findings> parse_feedback(std::string_view payload, Timestamp append_time, const ScoreRanges& ranges = {});

}  // namespace tidewatch
