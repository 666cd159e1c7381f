#include "tests/unit/stream/ingest/otlp_text.h"

#include <fmt/format.h>

#include <boost/algorithm/hex.hpp>

namespace tidewatch {
namespace {

std::string show(const OtlpAttributes& attributes) {
  std::string out;
  for (const auto& [key, value] : attributes) out += fmt::format("{}={};", key, tidewatch::show(value));
  return out;
}

}  // namespace

std::string show(const OtlpValue& value) {
  using Kind = OtlpValue::Kind;
  switch (value.kind) {
    case Kind::null:
      return "null";
    case Kind::text:
      return fmt::format("\"{}\"", value.text);
    case Kind::boolean:
      return fmt::format("{}", value.boolean);
    case Kind::integer:
      return fmt::format("{}", value.integer);
    case Kind::real:
      return fmt::format("{:g}r", value.real);
    case Kind::bytes:
      return fmt::format("b\"{}\"", value.text);
    case Kind::array: {
      std::string out;
      for (const auto& item : value.items) out += show(item) + ",";
      return "[" + out + "]";
    }
    case Kind::object:
      return "{" + show(value.fields) + "}";
  }
  return "?";
}

void OtlpText::on_span(const OtlpAttributes& resource, const OtlpScope& scope, const OtlpSpan& span) {
  std::string events;
  for (const auto& event : span.events)
    events += fmt::format("{}@{}({})", event.name, event.time.time_since_epoch().count(), show(event.attributes));
  records.push_back(fmt::format("{}|{} {}|{}<{}<{} {} {} {}..{} {}|{}|{} {}", show(resource), scope.name, scope.version,
                                boost::algorithm::hex_lower(span.span_id),
                                boost::algorithm::hex_lower(span.parent_span_id),
                                boost::algorithm::hex_lower(span.trace_id), span.name, static_cast<int>(span.kind),
                                span.start.time_since_epoch().count(), span.end.time_since_epoch().count(),
                                show(span.attributes), events, static_cast<int>(span.status), span.status_message));
}

void OtlpText::on_log(const OtlpAttributes& resource, const OtlpScope& scope, const OtlpLog& log) {
  records.push_back(fmt::format("{}|{}|{}/{} {} {} {} {}", show(resource), scope.name,
                                boost::algorithm::hex_lower(log.trace_id), boost::algorithm::hex_lower(log.span_id),
                                log.time.time_since_epoch().count(), log.event_name, tidewatch::show(log.body),
                                show(log.attributes)));
}

void OtlpText::on_bad(const Error& reason, std::string_view part) {
  bad_codes.push_back(reason.code);
  bad_parts.emplace_back(part);
}

}  // namespace tidewatch
