#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "stream/ingest/otlp.h"

namespace tidewatch {

/// Writes down every span and log that a decoder delivers, so that two encodings can be compared whole.
class OtlpCollector final : public OtlpSink {
 public:
  void on_span(const OtlpAttributes& resource, const OtlpScope& scope, const OtlpSpan& span) override {
    std::string out = fmt::format("{}|{} {}|", show(resource), scope.name, scope.version);
    append_bytes(out, span.trace_id);
    append_bytes(out, span.span_id);
    append_bytes(out, span.parent_span_id);
    out += fmt::format("{}|{}|{}..{}|{}|{} {}", span.name, static_cast<int>(span.kind),
                       span.start.time_since_epoch().count(), span.end.time_since_epoch().count(),
                       show(span.attributes), static_cast<int>(span.status), span.status_message);
    for (const auto& event : span.events) {
      out += fmt::format("|{}@{} {}", event.name, event.time.time_since_epoch().count(), show(event.attributes));
    }
    records.push_back(std::move(out));
  }
  void on_log(const OtlpAttributes& resource, const OtlpScope& scope, const OtlpLog& log) override {
    std::string out = fmt::format("{}|{}|{}|{}|{}|{}|", show(resource), scope.name, log.time.time_since_epoch().count(),
                                  log.event_name, show(log.body), show(log.attributes));
    append_bytes(out, log.trace_id);
    append_bytes(out, log.span_id);
    records.push_back(std::move(out));
  }
  void on_bad(const Error&, std::string_view) override { ++bad; }

  std::vector<std::string> records;
  size_t bad = 0;

 private:
  static void append_bytes(std::string& out, std::string_view bytes) {
    for (const char byte : bytes) out += fmt::format("{:02x}", static_cast<unsigned>(static_cast<unsigned char>(byte)));
    out += '|';
  }
  static std::string show(const OtlpAttributes& attributes) {
    std::string out;
    for (const auto& [key, value] : attributes) out += fmt::format("{}={};", key, show(value));
    return out;
  }
  static std::string show(const OtlpValue& value) {
    std::string out = fmt::format("{}:{}:{}:{}:{}", static_cast<int>(value.kind), value.boolean, value.integer,
                                  value.real, value.text);
    for (const auto& item : value.items) out += "," + show(item);
    return out + show(value.fields);
  }
};

}  // namespace tidewatch
