#include "app/files/otlp_json_text.h"

#include <absl/strings/escaping.h>
#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <string_view>

#include "app/files/json_appender.h"

namespace tidewatch {
namespace {

namespace v1 = otlp::v1;

using Writer = JsonWriter;

void write_text(Writer& to, std::string_view text) {
  to.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}
void write_key(Writer& to, std::string_view key) { to.Key(key.data(), static_cast<rapidjson::SizeType>(key.size())); }
void write_integer_text(Writer& to, auto number) {
  const fmt::format_int text(number);
  write_text(to, {text.data(), text.size()});
}
void write_real(Writer& to, double number) {
  if (std::isfinite(number)) {
    to.Double(number);
  } else {
    write_text(to, std::isnan(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
  }
}

// Members that are left out when they hold their default.
void member_text(Writer& to, std::string_view key, std::string_view text) {
  if (text.empty()) return;
  write_key(to, key);
  write_text(to, text);
}
void member_id(Writer& to, std::string_view key, std::string_view id) {
  if (id.empty()) return;
  write_key(to, key);
  write_text(to, absl::BytesToHexString(absl::string_view(id.data(), id.size())));
}
void member_time(Writer& to, std::string_view key, uint64_t nanoseconds) {
  if (nanoseconds == 0) return;
  write_key(to, key);
  write_integer_text(to, nanoseconds);
}
void member_number(Writer& to, std::string_view key, int number) {
  if (number == 0) return;
  write_key(to, key);
  to.Int(number);
}
template <typename Items>
void member_list(Writer& to, std::string_view key, const Items& items, auto&& write_item) {
  if (items.empty()) return;
  write_key(to, key);
  to.StartArray();
  for (const auto& item : items) write_item(to, item);
  to.EndArray();
}

void write_attribute(Writer& to, const v1::KeyValue& attribute);

void write_value(Writer& to, const v1::AnyValue& value) {  // NOLINT(misc-no-recursion): values nest
  to.StartObject();
  switch (value.value_case()) {
    case v1::AnyValue::kStringValue:
      write_key(to, "stringValue");
      write_text(to, value.string_value());
      break;
    case v1::AnyValue::kBoolValue:
      write_key(to, "boolValue");
      to.Bool(value.bool_value());
      break;
    case v1::AnyValue::kIntValue:
      write_key(to, "intValue");
      write_integer_text(to, value.int_value());
      break;
    case v1::AnyValue::kDoubleValue:
      write_key(to, "doubleValue");
      write_real(to, value.double_value());
      break;
    case v1::AnyValue::kArrayValue:
      write_key(to, "arrayValue");
      to.StartObject();
      member_list(to, "values", value.array_value().values(), write_value);
      to.EndObject();
      break;
    case v1::AnyValue::kKvlistValue:
      write_key(to, "kvlistValue");
      to.StartObject();
      member_list(to, "values", value.kvlist_value().values(), write_attribute);
      to.EndObject();
      break;
    case v1::AnyValue::kBytesValue:
      write_key(to, "bytesValue");
      write_text(to, absl::Base64Escape(value.bytes_value()));
      break;
    case v1::AnyValue::VALUE_NOT_SET:
      break;
  }
  to.EndObject();
}

void write_attribute(Writer& to, const v1::KeyValue& attribute) {  // NOLINT(misc-no-recursion): values nest
  to.StartObject();
  write_key(to, "key");
  write_text(to, attribute.key());
  if (attribute.has_value()) {
    write_key(to, "value");
    write_value(to, attribute.value());
  }
  to.EndObject();
}

void write_event(Writer& to, const v1::Span::Event& event) {
  to.StartObject();
  member_time(to, "timeUnixNano", event.time_unix_nano());
  member_text(to, "name", event.name());
  member_list(to, "attributes", event.attributes(), write_attribute);
  to.EndObject();
}

void write_span(Writer& to, const v1::Span& span) {
  to.StartObject();
  member_id(to, "traceId", span.trace_id());
  member_id(to, "spanId", span.span_id());
  member_id(to, "parentSpanId", span.parent_span_id());
  member_text(to, "name", span.name());
  member_number(to, "kind", span.kind());
  member_time(to, "startTimeUnixNano", span.start_time_unix_nano());
  member_time(to, "endTimeUnixNano", span.end_time_unix_nano());
  member_list(to, "attributes", span.attributes(), write_attribute);
  member_list(to, "events", span.events(), write_event);
  if (span.has_status()) {
    write_key(to, "status");
    to.StartObject();
    member_text(to, "message", span.status().message());
    member_number(to, "code", span.status().code());
    to.EndObject();
  }
  to.EndObject();
}

void write_log(Writer& to, const v1::LogRecord& log) {
  to.StartObject();
  member_time(to, "timeUnixNano", log.time_unix_nano());
  member_time(to, "observedTimeUnixNano", log.observed_time_unix_nano());
  member_number(to, "severityNumber", log.severity_number());
  member_text(to, "severityText", log.severity_text());
  if (log.has_body()) {
    write_key(to, "body");
    write_value(to, log.body());
  }
  member_list(to, "attributes", log.attributes(), write_attribute);
  member_id(to, "traceId", log.trace_id());
  member_id(to, "spanId", log.span_id());
  member_text(to, "eventName", log.event_name());
  to.EndObject();
}

/// The resource of a ResourceSpans or ResourceLogs.
void member_resource(Writer& to, const auto& of) {
  if (!of.has_resource()) return;
  write_key(to, "resource");
  to.StartObject();
  member_list(to, "attributes", of.resource().attributes(), write_attribute);
  to.EndObject();
}
/// The scope of a ScopeSpans or ScopeLogs.
void member_scope(Writer& to, const auto& of) {
  if (!of.has_scope()) return;
  write_key(to, "scope");
  to.StartObject();
  member_text(to, "name", of.scope().name());
  member_text(to, "version", of.scope().version());
  member_list(to, "attributes", of.scope().attributes(), write_attribute);
  to.EndObject();
}

}  // namespace

void append_otlp_json(const v1::TracesData& message, std::string& out) {
  JsonAppender stream{out};
  Writer writer(stream);
  writer.StartObject();
  member_list(writer, "resourceSpans", message.resource_spans(), [](Writer& to, const v1::ResourceSpans& resource) {
    to.StartObject();
    member_resource(to, resource);
    member_list(to, "scopeSpans", resource.scope_spans(), [](Writer& in, const v1::ScopeSpans& scope) {
      in.StartObject();
      member_scope(in, scope);
      member_list(in, "spans", scope.spans(), write_span);
      member_text(in, "schemaUrl", scope.schema_url());
      in.EndObject();
    });
    member_text(to, "schemaUrl", resource.schema_url());
    to.EndObject();
  });
  writer.EndObject();
}

void append_otlp_json(const v1::LogsData& message, std::string& out) {
  JsonAppender stream{out};
  Writer writer(stream);
  writer.StartObject();
  member_list(writer, "resourceLogs", message.resource_logs(), [](Writer& to, const v1::ResourceLogs& resource) {
    to.StartObject();
    member_resource(to, resource);
    member_list(to, "scopeLogs", resource.scope_logs(), [](Writer& in, const v1::ScopeLogs& scope) {
      in.StartObject();
      member_scope(in, scope);
      member_list(in, "logRecords", scope.log_records(), write_log);
      member_text(in, "schemaUrl", scope.schema_url());
      in.EndObject();
    });
    member_text(to, "schemaUrl", resource.schema_url());
    to.EndObject();
  });
  writer.EndObject();
}

}  // namespace tidewatch
