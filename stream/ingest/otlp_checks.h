#pragma once

#include <cstdint>

#include "stream/ingest/otlp.h"

namespace tidewatch {

// What a span or log record must satisfy, whatever its encoding.

/// Error: `future_time`: `time` is after `latest`.
Status check_past(Timestamp time, Timestamp latest);

/// Checks ids, turns nanoseconds into times; `start_nano` and `end_nano` as stated, 0: not stated. A span with one of
/// the two times lasts nothing; an end before the start is moved to the start. After `latest` is `future_time`.
Status finish_span(OtlpSpan& span, uint64_t start_nano, uint64_t end_nano, Timestamp latest);
Status finish_log(OtlpLog& log, uint64_t time_nano, uint64_t observed_nano, Timestamp latest);

}  // namespace tidewatch
