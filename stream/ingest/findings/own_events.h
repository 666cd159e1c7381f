#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <string_view>

#include "detectors/core/result.h"
#include "detectors/core/time.h"
#include "stream/ingest/findings/finding.h"

namespace tidewatch {

// Tidewatch's own events (schemas/proto), as JSON or protobuf. Fields that the schema does not know are skipped.
// Errors: `bad_event` (not of the schema), `bad_trace_id`, `bad_span_id`, `bad_time`, `bad_op`, `bad_thumb`,
// `bad_range`, `missing_id`.

Result<Finding> read_feedback_json(std::string_view json);
Result<Finding> read_feedback_protobuf(std::string_view bytes);
Result<Finding> read_evaluation_json(std::string_view json);
Result<Finding> read_evaluation_protobuf(std::string_view bytes);

/// Error: `bad_time` outside the years 1677 to 2262.
Result<Timestamp> to_timestamp(const google::protobuf::Timestamp& time);

}  // namespace tidewatch
