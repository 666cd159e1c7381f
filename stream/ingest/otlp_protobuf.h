#pragma once

#include "stream/ingest/otlp.h"
#include "stream/ingest/utf8_repair.h"

namespace tidewatch {

// The protobuf side of OtlpDecoder; `utf8` keeps what had to be repaired, what is after `latest` is refused.
Status decode_traces_protobuf(std::string_view payload, OtlpSink& sink, Utf8Repair& utf8, Timestamp latest);
Status decode_logs_protobuf(std::string_view payload, OtlpSink& sink, Utf8Repair& utf8, Timestamp latest);

/// Whether the top level is a sequence of whole protobuf fields.
bool is_protobuf(std::string_view payload);

}  // namespace tidewatch
