#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "detectors/core/result.h"
#include "stream/ingest/findings/finding.h"
#include "stream/ingest/findings/json_object.h"

namespace tidewatch {

/// A finding; nothing when the item is of the shape but no finding about an answer (a trace in a Langfuse batch, an
/// expectation of MLflow). Errors: `bad_trace_id`, `bad_span_id`, `bad_time`.
using ForeignFinding = Result<std::optional<Finding>>;

/// What the item of another product's API is read with; nullptr: it is no foreign shape that is known.
/// Told by the members that only that product has: Langfuse "type" with "body", or "name" with "value"; Phoenix
/// "annotator_kind" or "result"; LangSmith "key"; MLflow "assessment_name" or "assessment".
using ForeignReader = ForeignFinding (*)(const JsonObject& item);
ForeignReader foreign_reader_of(const JsonObject& item);

/// Score of `POST /api/public/scores`, `score-create` event of `POST /api/public/ingestion`, score as
/// `GET /api/public/v2/scores` returns it.
ForeignFinding read_langfuse(const JsonObject& item);
/// Item of `POST /v1/span_annotations`, `/v1/trace_annotations` or `/v1/session_annotations`.
ForeignFinding read_phoenix(const JsonObject& item);
/// Body of `POST /api/v1/feedback`.
ForeignFinding read_langsmith(const JsonObject& item);
/// Body of `POST /api/3.0/mlflow/traces/{trace_id}/assessments`, or an assessment alone.
ForeignFinding read_mlflow(const JsonObject& item);

/// Takes a stated value: true or false, a number, or a text (label or comment). False when it is none of them.
bool set_value(Finding& finding, const simdjson::dom::element& value);

/// Sets the trace when one is named.
Status set_trace(Finding& finding, std::string_view trace_id);
/// Sets the span when its id is OpenTelemetry's; other ids only matter when nothing else is named.
Status set_span(Finding& finding, std::string_view span_id);

/// 32 hex digits made of what an item says of itself, for events without an id: the same content, the same id.
std::string content_id(std::string_view content);

}  // namespace tidewatch
