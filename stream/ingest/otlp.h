#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/core/result.h"
#include "detectors/core/time.h"

namespace tidewatch {

// OTLP as Tidewatch sees it (opentelemetry-proto v1), the same whether it came as protobuf or as JSON. Views live as
// long as the message and the decoder that read it, until the decoder reads the next one.

struct OtlpAttribute;

/// OTLP's AnyValue.
struct OtlpValue {
  enum class Kind : uint8_t { null, text, boolean, integer, real, bytes, array, object };
  Kind kind = Kind::null;
  bool boolean = false;
  int64_t integer = 0;
  double real = 0;
  std::string_view text;  ///< of text; of bytes: raw from protobuf, base64 as written from JSON
  std::vector<OtlpValue> items;
  std::vector<OtlpAttribute> fields;
};

struct OtlpAttribute {
  std::string_view key;
  OtlpValue value;
};
using OtlpAttributes = std::vector<OtlpAttribute>;

/// The value of `key`; nullptr when absent or null.
const OtlpValue* find_attribute(const OtlpAttributes& attributes, std::string_view key);

struct OtlpScope {
  std::string_view name;
  std::string_view version;
};

struct OtlpEvent {
  std::string_view name;
  Timestamp time{};
  OtlpAttributes attributes;
};

enum class OtlpSpanKind : uint8_t { unspecified, internal, server, client, producer, consumer };
enum class OtlpStatus : uint8_t { unset, ok, error };

struct OtlpSpan {
  std::string trace_id;        ///< 16 raw bytes, not all zero
  std::string span_id;         ///< 8 raw bytes, not all zero
  std::string parent_span_id;  ///< 8 raw bytes; empty: root
  std::string_view name;
  OtlpSpanKind kind = OtlpSpanKind::unspecified;
  Timestamp start{};
  Timestamp end{};  ///< never before start
  OtlpAttributes attributes;
  std::vector<OtlpEvent> events;
  OtlpStatus status = OtlpStatus::unset;
  std::string_view status_message;
};

struct OtlpLog {
  std::string trace_id;  ///< 16 raw bytes; empty when the record belongs to no trace
  std::string span_id;   ///< 8 raw bytes; empty when it belongs to no span
  Timestamp time{};      ///< the event's, else when it was observed
  std::string_view event_name;
  OtlpValue body;
  OtlpAttributes attributes;
};

/// Takes what a decoder finds, in the message's order.
class OtlpSink {
 public:
  virtual ~OtlpSink() = default;
  virtual void on_span(const OtlpAttributes& resource, const OtlpScope& scope, const OtlpSpan& span) = 0;
  virtual void on_log(const OtlpAttributes& resource, const OtlpScope& scope, const OtlpLog& log) = 0;
  /// One span or log record that cannot be used; `part` is its bytes. Its neighbours are delivered all the same.
  virtual void on_bad(const Error& reason, std::string_view part) = 0;
};

}  // namespace tidewatch
