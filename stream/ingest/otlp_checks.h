#pragma once

#include <cstdint>

#include "stream/ingest/otlp.h"

namespace tidewatch {

// What a span or log record must satisfy, whatever its encoding.

/// Checks ids, turns nanoseconds into times; `start_nano` and `end_nano` as stated, 0: not stated. A span with one of
/// the two times lasts nothing; an end before the start is moved to the start.
Status finish_span(OtlpSpan& span, uint64_t start_nano, uint64_t end_nano);
Status finish_log(OtlpLog& log, uint64_t time_nano, uint64_t observed_nano);

}  // namespace tidewatch
