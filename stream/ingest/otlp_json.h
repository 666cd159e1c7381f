#pragma once

#include <simdjson.h>

#include "stream/ingest/otlp.h"

namespace tidewatch {

/// The JSON side of OtlpDecoder. The parser owns the unescaped strings that views point into until the next message.
class OtlpJsonReader {
 public:
  Status decode_traces(std::string_view payload, OtlpSink& sink);
  Status decode_logs(std::string_view payload, OtlpSink& sink);

 private:
  simdjson::dom::parser parser_;
};

}  // namespace tidewatch
