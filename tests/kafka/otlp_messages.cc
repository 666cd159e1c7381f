#include "kafka/otlp_messages.h"

#include <chrono>
#include <nlohmann/json.hpp>

#include "tidewatch/otlp/v1/trace.pb.h"

namespace tidewatch::kafka_test {
namespace {

uint64_t nanoseconds(Timestamp time) { return static_cast<uint64_t>(time.time_since_epoch().count()); }

}  // namespace

std::string otlp_protobuf(const TestSpan& span) {
  otlp::v1::TracesData message;
  auto& resource = *message.add_resource_spans();
  auto& service = *resource.mutable_resource()->add_attributes();
  service.set_key("service.name");
  service.mutable_value()->set_string_value(span.service);
  auto& out = *resource.add_scope_spans()->add_spans();
  out.set_trace_id(std::string(16, span.trace));
  out.set_span_id(std::string(8, span.is_server ? 'r' : 'c'));
  if (!span.is_server) out.set_parent_span_id(std::string(8, 'r'));
  out.set_name("span");
  out.set_kind(span.is_server ? otlp::v1::Span::SPAN_KIND_SERVER : otlp::v1::Span::SPAN_KIND_CLIENT);
  out.set_start_time_unix_nano(nanoseconds(span.end - std::chrono::seconds(1)));
  out.set_end_time_unix_nano(nanoseconds(span.end));
  for (const auto& [key, value] : span.attributes) {
    auto& attribute = *out.add_attributes();
    attribute.set_key(key);
    attribute.mutable_value()->set_string_value(value);
  }
  return message.SerializeAsString();
}

std::string otlp_json(const TestSpan& span) {
  nlohmann::json attributes = nlohmann::json::array();
  for (const auto& [key, value] : span.attributes)
    attributes.push_back({{"key", key}, {"value", {{"stringValue", value}}}});
  nlohmann::json trace;
  std::string id;
  for (int i = 0; i < 32; ++i) id += span.trace;
  const nlohmann::json one = {{"traceId", id},
                              {"spanId", "00000000000000c1"},
                              {"name", "span"},
                              {"kind", span.is_server ? 2 : 3},
                              {"startTimeUnixNano", std::to_string(nanoseconds(span.end - std::chrono::seconds(1)))},
                              {"endTimeUnixNano", std::to_string(nanoseconds(span.end))},
                              {"attributes", attributes}};
  const nlohmann::json service = {{"key", "service.name"}, {"value", {{"stringValue", span.service}}}};
  return nlohmann::json{
      {"resourceSpans", {{{"resource", {{"attributes", {service}}}}, {"scopeSpans", {{{"spans", {one}}}}}}}}}
      .dump();
}

}  // namespace tidewatch::kafka_test
