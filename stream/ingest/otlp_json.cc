#include "stream/ingest/otlp_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/algorithm/hex.hpp>
#include <cctype>
#include <charconv>
#include <cmath>
#include <iterator>
#include <limits>
#include <optional>

#include "stream/ingest/otlp_checks.h"
#include "stream/ingest/otlp_decoder.h"

namespace tidewatch {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::element_type;
using simdjson::dom::object;

/// What a record got wrong; caught where the record begins.
struct BadRecord {
  Error error;
};
[[noreturn]] void refuse(std::string_view code, std::string message) {
  throw BadRecord{{std::string(code), std::move(message)}};
}

/// The member under its camelCase or its snake_case name; nothing when absent or null.
std::optional<element> member(const object& in, std::string_view camel, std::string_view snake) {
  for (const auto name : {camel, snake}) {
    element found;
    if (!name.empty() && in[name].get(found) == simdjson::SUCCESS && !found.is_null()) return found;
  }
  return std::nullopt;
}
std::optional<element> member(const object& in, std::string_view name) { return member(in, name, {}); }

std::string_view text_of(const std::optional<element>& in, std::string_view name) {
  if (!in) return {};
  std::string_view out;
  if (in->get(out) != simdjson::SUCCESS) refuse("bad_value", fmt::format("\"{}\" must be a string", name));
  return out;
}

array array_of(const element& in, std::string_view name) {
  array out;
  if (in.get(out) != simdjson::SUCCESS) refuse("bad_value", fmt::format("\"{}\" must be an array", name));
  return out;
}

object object_of(const element& in, std::string_view name) {
  object out;
  if (in.get(out) != simdjson::SUCCESS) refuse("bad_value", fmt::format("\"{}\" must be an object", name));
  return out;
}

/// The whole text as a number.
template <typename Number>
bool parse_number_of(std::string_view text, Number& out) {
  const auto end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, out);
  return error == std::errc() && stopped == end;
}

/// A 64-bit number: JSON writes them as strings, many exporters as numbers.
template <typename Integer>
Integer integer_of(const element& in, std::string_view name) {
  Integer out = 0;
  if (in.get(out) == simdjson::SUCCESS) return out;
  std::string_view text;
  if (in.get(text) == simdjson::SUCCESS && parse_number_of(text, out)) return out;
  double real = 0;  // 1.7e18, as JavaScript writes it
  if (in.get(real) == simdjson::SUCCESS && real == std::floor(real) &&
      real >= static_cast<double>(std::numeric_limits<Integer>::min()) &&
      real < static_cast<double>(std::numeric_limits<Integer>::max()))
    return static_cast<Integer>(real);
  refuse("bad_value", fmt::format("\"{}\" must be a whole number of 64 bits", name));
}

double real_of(const element& in) {
  double out = 0;
  if (in.get(out) == simdjson::SUCCESS) return out;
  std::string_view text;  // "NaN", "Infinity", "1.5"
  if (in.get(text) == simdjson::SUCCESS && parse_number_of(text, out)) return out;
  refuse("bad_value", "\"doubleValue\" must be a number");
}

uint64_t nanos_of(const std::optional<element>& in, std::string_view name) {
  return in ? integer_of<uint64_t>(*in, name) : 0;
}

/// Ids are hex in OTLP/JSON, not base64.
std::string id_of(const std::optional<element>& in, std::string_view name, std::string_view code) {
  const std::string_view hex = text_of(in, name);
  const bool is_hex = std::all_of(hex.begin(), hex.end(), [](unsigned char c) { return std::isxdigit(c) != 0; });
  if (hex.size() % 2 != 0 || !is_hex)
    refuse(code,
           fmt::format("\"{}\" must be hexadecimal, as OTLP/JSON defines; found \"{}\"", name, hex.substr(0, 40)));
  std::string out;
  boost::algorithm::unhex(hex.begin(), hex.end(), std::back_inserter(out));
  return out;
}

/// An enum as number or name; unknown ones are 0 (unspecified, unset).
template <size_t N>
size_t enum_of(const std::optional<element>& in, const std::array<std::string_view, N>& names) {
  if (!in) return 0;
  int64_t number = 0;
  if (in->get(number) == simdjson::SUCCESS) return number >= 0 && number < static_cast<int64_t>(N) ? number : 0;
  std::string_view name;
  if (in->get(name) != simdjson::SUCCESS) return 0;
  for (size_t i = 0; i < N; ++i)
    if (names[i] == name) return i;
  return 0;
}

constexpr std::array<std::string_view, 6> kSpanKinds{"SPAN_KIND_UNSPECIFIED", "SPAN_KIND_INTERNAL",
                                                     "SPAN_KIND_SERVER",      "SPAN_KIND_CLIENT",
                                                     "SPAN_KIND_PRODUCER",    "SPAN_KIND_CONSUMER"};
constexpr std::array<std::string_view, 3> kStatuses{"STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"};

OtlpAttributes read_attributes(const std::optional<element>& in, int depth);

OtlpValue read_value(const element& in, int depth) {
  using Kind = OtlpValue::Kind;
  if (depth > OtlpDecoder::kMaxDepth)
    refuse("too_deep", fmt::format("an attribute value is nested deeper than {} levels", OtlpDecoder::kMaxDepth));
  OtlpValue out;
  const object value = object_of(in, "value");
  if (const auto text = member(value, "stringValue", "string_value")) {
    out.kind = Kind::text;
    out.text = text_of(text, "stringValue");
  } else if (const auto integer = member(value, "intValue", "int_value")) {
    out.kind = Kind::integer;
    out.integer = integer_of<int64_t>(*integer, "intValue");
  } else if (const auto real = member(value, "doubleValue", "double_value")) {
    out.kind = Kind::real;
    out.real = real_of(*real);
  } else if (const auto boolean = member(value, "boolValue", "bool_value")) {
    out.kind = Kind::boolean;
    if (boolean->get(out.boolean) != simdjson::SUCCESS) refuse("bad_value", "\"boolValue\" must be true or false");
  } else if (const auto items = member(value, "arrayValue", "array_value")) {
    out.kind = Kind::array;
    if (const auto values = member(object_of(*items, "arrayValue"), "values"))
      for (const element item : array_of(*values, "values"))
        out.items.push_back(item.is_null() ? OtlpValue{} : read_value(item, depth + 1));
  } else if (const auto fields = member(value, "kvlistValue", "kvlist_value")) {
    out.kind = Kind::object;
    out.fields = read_attributes(member(object_of(*fields, "kvlistValue"), "values"), depth + 1);
  } else if (const auto bytes = member(value, "bytesValue", "bytes_value")) {
    out.kind = Kind::bytes;
    out.text = text_of(bytes, "bytesValue");
  }
  return out;
}

OtlpAttributes read_attributes(const std::optional<element>& in, int depth) {
  OtlpAttributes out;
  if (!in) return out;
  for (const element item : array_of(*in, "attributes")) {
    if (item.is_null()) continue;
    const object pair = object_of(item, "attribute");
    OtlpAttribute attribute;
    attribute.key = text_of(member(pair, "key"), "key");
    if (const auto value = member(pair, "value")) attribute.value = read_value(*value, depth);
    out.push_back(std::move(attribute));
  }
  return out;
}

OtlpEvent read_event(const element& in) {
  const object event = object_of(in, "event");
  OtlpEvent out;
  out.name = text_of(member(event, "name"), "name");
  const uint64_t nanos = nanos_of(member(event, "timeUnixNano", "time_unix_nano"), "timeUnixNano");
  out.time = Timestamp(Duration(static_cast<int64_t>(nanos)));
  out.attributes = read_attributes(member(event, "attributes"), 0);
  return out;
}

OtlpSpan read_span(const element& in, Timestamp latest) {
  const object span = object_of(in, "span");
  OtlpSpan out;
  out.trace_id = id_of(member(span, "traceId", "trace_id"), "traceId", "bad_trace_id");
  out.span_id = id_of(member(span, "spanId", "span_id"), "spanId", "bad_span_id");
  out.parent_span_id = id_of(member(span, "parentSpanId", "parent_span_id"), "parentSpanId", "bad_span_id");
  out.name = text_of(member(span, "name"), "name");
  out.kind = static_cast<OtlpSpanKind>(enum_of(member(span, "kind"), kSpanKinds));
  out.attributes = read_attributes(member(span, "attributes"), 0);
  if (const auto events = member(span, "events"))
    for (const element event : array_of(*events, "events")) out.events.push_back(read_event(event));
  if (const auto status = member(span, "status")) {
    const object fields = object_of(*status, "status");
    out.status = static_cast<OtlpStatus>(enum_of(member(fields, "code"), kStatuses));
    out.status_message = text_of(member(fields, "message"), "message");
  }
  const uint64_t start = nanos_of(member(span, "startTimeUnixNano", "start_time_unix_nano"), "startTimeUnixNano");
  const uint64_t end = nanos_of(member(span, "endTimeUnixNano", "end_time_unix_nano"), "endTimeUnixNano");
  if (auto ok = finish_span(out, start, end, latest); !ok) throw BadRecord{ok.error()};
  return out;
}

OtlpLog read_log(const element& in, Timestamp latest) {
  const object log = object_of(in, "log record");
  OtlpLog out;
  out.trace_id = id_of(member(log, "traceId", "trace_id"), "traceId", "bad_trace_id");
  out.span_id = id_of(member(log, "spanId", "span_id"), "spanId", "bad_span_id");
  out.event_name = text_of(member(log, "eventName", "event_name"), "eventName");
  out.attributes = read_attributes(member(log, "attributes"), 0);
  if (const auto body = member(log, "body")) out.body = read_value(*body, 0);
  const uint64_t time = nanos_of(member(log, "timeUnixNano", "time_unix_nano"), "timeUnixNano");
  const uint64_t observed =
      nanos_of(member(log, "observedTimeUnixNano", "observed_time_unix_nano"), "observedTimeUnixNano");
  if (auto ok = finish_log(out, time, observed, latest); !ok) throw BadRecord{ok.error()};
  return out;
}

/// Where the nests of a message lie.
struct Names {
  std::string_view top, top_snake;        // resourceSpans
  std::string_view scopes, scopes_snake;  // scopeSpans
  std::string_view items, items_snake;    // spans
};
constexpr Names kTraces{"resourceSpans", "resource_spans", "scopeSpans", "scope_spans", "spans", ""};
constexpr Names kLogs{"resourceLogs", "resource_logs", "scopeLogs", "scope_logs", "logRecords", "log_records"};

template <typename Each>
void walk_scope(const element& nest, const Names& names, const OtlpAttributes& resource, OtlpSink& sink,
                const Each& each) {
  const object fields = object_of(nest, names.scopes);
  OtlpScope scope;
  if (const auto head = member(fields, "scope")) {
    const object stated = object_of(*head, "scope");
    scope = {text_of(member(stated, "name"), "name"), text_of(member(stated, "version"), "version")};
  }
  const auto items = member(fields, names.items, names.items_snake);
  if (!items) return;
  for (const element item : array_of(*items, names.items)) {
    try {
      each(resource, scope, item);
    } catch (const BadRecord& bad) {
      sink.on_bad(bad.error, simdjson::minify(item));
    }
  }
}

template <typename Each>
void walk_resource(const element& nest, const Names& names, OtlpSink& sink, const Each& each) {
  const object fields = object_of(nest, names.top);
  OtlpAttributes resource;
  if (const auto head = member(fields, "resource"))
    resource = read_attributes(member(object_of(*head, "resource"), "attributes"), 0);
  const auto scopes = member(fields, names.scopes, names.scopes_snake);
  if (!scopes) return;
  for (const element scope : array_of(*scopes, names.scopes)) {
    try {
      walk_scope(scope, names, resource, sink, each);
    } catch (const BadRecord& bad) {
      sink.on_bad(bad.error, simdjson::minify(scope));
    }
  }
}

template <typename Each>
Status walk(simdjson::dom::parser& parser, std::string_view payload, const Names& names, OtlpSink& sink,
            Utf8Repair& utf8, const Each& each) {
  element message;
  auto error = parser.parse(payload.data(), payload.size()).get(message);
  if (error == simdjson::UTF8_ERROR) {
    payload = utf8(payload);
    error = parser.parse(payload.data(), payload.size()).get(message);
  }
  if (error != simdjson::SUCCESS)
    return Error{"bad_json", fmt::format("the message is not JSON: {}", simdjson::error_message(error))};
  object fields;
  if (message.get(fields) != simdjson::SUCCESS)
    return Error{"not_otlp", fmt::format("the message must be a JSON object with \"{}\"", names.top)};
  const auto top = member(fields, names.top, names.top_snake);
  if (!top) {
    if (fields.size() == 0) return ok_status();
    return Error{"not_otlp", fmt::format("the message has no \"{}\"; is this topic OTLP?", names.top)};
  }
  array resources;
  if (top->get(resources) != simdjson::SUCCESS)
    return Error{"not_otlp", fmt::format("\"{}\" must be an array", names.top)};
  for (const element resource : resources) {
    try {
      walk_resource(resource, names, sink, each);
    } catch (const BadRecord& bad) {
      sink.on_bad(bad.error, simdjson::minify(resource));
    }
  }
  return ok_status();
}

}  // namespace

Status OtlpJsonReader::decode_traces(std::string_view payload, OtlpSink& sink, Utf8Repair& utf8) {
  return walk(parser_, payload, kTraces, sink, utf8,
              [&](const OtlpAttributes& resource, const OtlpScope& scope, const element& item) {
                sink.on_span(resource, scope, read_span(item, latest_));
              });
}

Status OtlpJsonReader::decode_logs(std::string_view payload, OtlpSink& sink, Utf8Repair& utf8) {
  return walk(parser_, payload, kLogs, sink, utf8,
              [&](const OtlpAttributes& resource, const OtlpScope& scope, const element& item) {
                sink.on_log(resource, scope, read_log(item, latest_));
              });
}

}  // namespace tidewatch
