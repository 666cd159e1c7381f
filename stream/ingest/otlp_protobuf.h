#pragma once

#include "stream/ingest/otlp.h"

namespace tidewatch {

// The protobuf side of OtlpDecoder.
Status decode_traces_protobuf(std::string_view payload, OtlpSink& sink);
Status decode_logs_protobuf(std::string_view payload, OtlpSink& sink);

/// Whether the top level is a sequence of whole protobuf fields.
bool is_protobuf(std::string_view payload);

}  // namespace tidewatch
