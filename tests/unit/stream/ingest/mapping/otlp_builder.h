#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stream/ingest/mapping/span_mapper.h"
#include "stream/ingest/otlp.h"

namespace tidewatch {

// OTLP values for tests. Texts must outlive the value: string literals.

inline OtlpValue text(std::string_view value) {
  OtlpValue out;
  out.kind = OtlpValue::Kind::text;
  out.text = value;
  return out;
}
inline OtlpValue number(int64_t value) {
  OtlpValue out;
  out.kind = OtlpValue::Kind::integer;
  out.integer = value;
  return out;
}
inline OtlpValue real(double value) {
  OtlpValue out;
  out.kind = OtlpValue::Kind::real;
  out.real = value;
  return out;
}
inline OtlpValue list(std::vector<OtlpValue> items) {
  OtlpValue out;
  out.kind = OtlpValue::Kind::array;
  out.items = std::move(items);
  return out;
}
inline OtlpValue object(OtlpAttributes fields) {
  OtlpValue out;
  out.kind = OtlpValue::Kind::object;
  out.fields = std::move(fields);
  return out;
}

inline constexpr Timestamp kStart{std::chrono::seconds(1'760'000'000)};

/// A root span of one second.
inline OtlpSpan span_of(OtlpAttributes attributes, OtlpSpanKind kind = OtlpSpanKind::client) {
  OtlpSpan out;
  out.trace_id = std::string(16, 't');
  out.span_id = std::string(8, 's');
  out.parent_span_id = std::string(8, 'p');
  out.name = "span";
  out.kind = kind;
  out.start = kStart;
  out.end = kStart + std::chrono::seconds(1);
  out.attributes = std::move(attributes);
  return out;
}

struct Mapped {
  v1::SpanFacts facts;
  SpanMapper::Found found;

  std::string label(std::string_view name) const {
    for (const auto& label : facts.labels())
      if (label.name() == name) return label.value();
    return {};
  }
};

inline Mapped map(const OtlpSpan& span, const OtlpAttributes& resource = {}, const LabelKeys& keys = {},
                  std::string_view scope = "") {
  SpanMapper mapper(DialectTable::embedded(keys).value());
  Mapped out;
  out.found = mapper.map(resource, {scope, ""}, span, out.facts);
  return out;
}
inline Mapped map(OtlpAttributes attributes) { return map(span_of(std::move(attributes))); }

}  // namespace tidewatch
