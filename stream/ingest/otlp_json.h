#pragma once

#include <simdjson.h>

#include "stream/ingest/otlp.h"
#include "stream/ingest/utf8_repair.h"

namespace tidewatch {

/// The JSON side of OtlpDecoder. The parser owns the unescaped strings that views point into until the next message;
/// `utf8` keeps what had to be repaired.
class OtlpJsonReader {
 public:
  /// What is after `latest` is refused.
  explicit OtlpJsonReader(Timestamp latest) : latest_(latest) {}
  Status decode_traces(std::string_view payload, OtlpSink& sink, Utf8Repair& utf8);
  Status decode_logs(std::string_view payload, OtlpSink& sink, Utf8Repair& utf8);

 private:
  Timestamp latest_;
  simdjson::dom::parser parser_;
};

}  // namespace tidewatch
