#pragma once

#include "stream/ingest/feedback.h"

namespace tidewatch {

/// Reads a message of `llm.evaluations`: EvaluationEvent as JSON or protobuf, or a shape of parse_feedback(), which
/// counts as an evaluation here even when a person made it. Findings::feedback stays empty. Errors as there.
Result<Findings> parse_evaluations(std::string_view payload, Timestamp append_time, const ScoreRanges& ranges = {});

}  // namespace tidewatch
