#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "stream/ingest/otlp.h"
#include "stream/ingest/utf8_repair.h"

namespace tidewatch {

class OtlpJsonReader;

enum class OtlpEncoding : uint8_t { protobuf, json };

/// Which encoding a message has: JSON starts with `{`, which no OTLP protobuf message does. A leading line feed is the
/// first byte of most protobuf messages, so there the lengths of the fields decide.
OtlpEncoding otlp_encoding_of(std::string_view payload);

/// Reads OTLP messages: protobuf by protozero (field numbers of opentelemetry-proto v1; unknown fields are skipped),
/// JSON by simdjson (camelCase and snake_case keys, hex ids, 64-bit numbers as numbers or strings, enums as numbers or
/// names, null is absent, unknown keys are skipped). Bytes of texts that are no UTF-8 become U+FFFD. Keeps its buffers
/// between messages. Not thread-safe.
class OtlpDecoder {
 public:
  /// Nesting of attribute values beyond which a span is refused.
  static constexpr int kMaxDepth = 32;

  /// `encoding`: empty recognises it by message. `latest`: spans and log records after it are refused.
  explicit OtlpDecoder(std::optional<OtlpEncoding> encoding = std::nullopt, Timestamp latest = kMaxTimestamp);
  ~OtlpDecoder();

  /// A TracesData or ExportTraceServiceRequest. An error means that the message is unreadable from where it broke; what
  /// came before it was delivered. Codes: `bad_protobuf`, `bad_json`, `not_otlp`; of on_bad(): `bad_trace_id`,
  /// `bad_span_id`, `bad_time`, `future_time`, `bad_value`, `bad_protobuf`, `too_deep`.
  Status decode_traces(std::string_view payload, OtlpSink& sink);
  /// A LogsData or ExportLogsServiceRequest.
  Status decode_logs(std::string_view payload, OtlpSink& sink);
  /// Whether texts of the last message had to be repaired.
  bool was_repaired() const { return !utf8_.empty(); }

 private:
  OtlpEncoding encoding_of(std::string_view payload) const { return encoding_.value_or(otlp_encoding_of(payload)); }

  std::optional<OtlpEncoding> encoding_;
  Timestamp latest_;
  std::unique_ptr<OtlpJsonReader> json_;
  Utf8Repair utf8_;
};

}  // namespace tidewatch
