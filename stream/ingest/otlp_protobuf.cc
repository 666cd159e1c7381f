#include "stream/ingest/otlp_protobuf.h"

#include <fmt/format.h>

#include <bit>
#include <protozero/pbf_reader.hpp>

#include "stream/ingest/otlp_checks.h"
#include "stream/ingest/otlp_decoder.h"

namespace tidewatch {
namespace {

using protozero::pbf_reader;

// CanonicalField numbers of opentelemetry-proto v1. Traces and logs nest alike: resource_x = 1 of the message, resource
// = 1 and scope_x = 2 of that, scope = 1 and the records = 2 of that.
enum Nest : uint32_t { kResourceItems = 1, kHead = 1, kItems = 2 };

struct TooDeep {};

std::string_view view(const protozero::data_view& data) { return {data.data(), data.size()}; }
std::string_view take(pbf_reader& in) {
  if (in.wire_type() != protozero::pbf_wire_type::length_delimited) throw protozero::unknown_pbf_wire_type_exception();
  return view(in.get_view());
}
uint64_t take_fixed64(pbf_reader& in) {
  if (in.wire_type() != protozero::pbf_wire_type::fixed64) throw protozero::unknown_pbf_wire_type_exception();
  return in.get_fixed64();
}
int64_t take_varint(pbf_reader& in) {
  if (in.wire_type() != protozero::pbf_wire_type::varint) throw protozero::unknown_pbf_wire_type_exception();
  return in.get_int64();
}
pbf_reader reader(std::string_view bytes) { return pbf_reader(bytes.data(), bytes.size()); }

OtlpValue read_value(std::string_view bytes, int depth, Utf8Repair& utf8);

OtlpAttribute read_attribute(std::string_view bytes, int depth, Utf8Repair& utf8) {
  OtlpAttribute out;
  auto in = reader(bytes);
  while (in.next()) switch (in.tag()) {
      case 1:
        out.key = utf8(take(in));
        break;
      case 2:
        out.value = read_value(take(in), depth, utf8);
        break;
      default:
        in.skip();
    }
  return out;
}

OtlpValue read_value(std::string_view bytes, int depth, Utf8Repair& utf8) {
  using Kind = OtlpValue::Kind;
  if (depth > OtlpDecoder::kMaxDepth) throw TooDeep{};
  OtlpValue out;
  auto in = reader(bytes);
  while (in.next()) {
    switch (in.tag()) {
      case 1:
        out.kind = Kind::text;
        out.text = utf8(take(in));
        break;
      case 2:
        out.kind = Kind::boolean;
        out.boolean = take_varint(in) != 0;
        break;
      case 3:
        out.kind = Kind::integer;
        out.integer = take_varint(in);
        break;
      case 4:
        out.kind = Kind::real;
        out.real = std::bit_cast<double>(take_fixed64(in));
        break;
      case 5: {
        out.kind = Kind::array;
        auto items = reader(take(in));
        while (items.next(1)) out.items.push_back(read_value(take(items), depth + 1, utf8));
        break;
      }
      case 6: {
        out.kind = Kind::object;
        auto fields = reader(take(in));
        while (fields.next(1)) out.fields.push_back(read_attribute(take(fields), depth + 1, utf8));
        break;
      }
      case 7:
        out.kind = Kind::bytes;
        out.text = take(in);
        break;
      default:
        in.skip();
    }
  }
  return out;
}

OtlpEvent read_event(std::string_view bytes, Utf8Repair& utf8) {
  OtlpEvent out;
  auto in = reader(bytes);
  while (in.next()) switch (in.tag()) {
      case 1:
        out.time = Timestamp(Duration(static_cast<int64_t>(take_fixed64(in))));
        break;
      case 2:
        out.name = utf8(take(in));
        break;
      case 3:
        out.attributes.push_back(read_attribute(take(in), 0, utf8));
        break;
      default:
        in.skip();
    }
  return out;
}

void read_status(std::string_view bytes, OtlpSpan& span, Utf8Repair& utf8) {
  auto in = reader(bytes);
  while (in.next()) switch (in.tag()) {
      case 2:
        span.status_message = utf8(take(in));
        break;
      case 3: {
        const int64_t code = take_varint(in);
        span.status = code == 2 ? OtlpStatus::error : code == 1 ? OtlpStatus::ok : OtlpStatus::unset;
        break;
      }
      default:
        in.skip();
    }
}

Result<OtlpSpan> read_span(std::string_view bytes, Utf8Repair& utf8, Timestamp latest) {
  OtlpSpan out;
  uint64_t start = 0;
  uint64_t end = 0;
  auto in = reader(bytes);
  while (in.next()) {
    switch (in.tag()) {
      case 1:
        out.trace_id = take(in);
        break;
      case 2:
        out.span_id = take(in);
        break;
      case 4:
        out.parent_span_id = take(in);
        break;
      case 5:
        out.name = utf8(take(in));
        break;
      case 6: {
        const int64_t kind = take_varint(in);
        out.kind = kind >= 0 && kind <= 5 ? static_cast<OtlpSpanKind>(kind) : OtlpSpanKind::unspecified;
        break;
      }
      case 7:
        start = take_fixed64(in);
        break;
      case 8:
        end = take_fixed64(in);
        break;
      case 9:
        out.attributes.push_back(read_attribute(take(in), 0, utf8));
        break;
      case 11:
        out.events.push_back(read_event(take(in), utf8));
        break;
      case 15:
        read_status(take(in), out, utf8);
        break;
      default:
        in.skip();
    }
  }
  if (auto ok = finish_span(out, start, end, latest); !ok) return ok.error();
  return out;
}

Result<OtlpLog> read_log(std::string_view bytes, Utf8Repair& utf8, Timestamp latest) {
  OtlpLog out;
  uint64_t time = 0;
  uint64_t observed = 0;
  auto in = reader(bytes);
  while (in.next()) {
    switch (in.tag()) {
      case 1:
        time = take_fixed64(in);
        break;
      case 5:
        out.body = read_value(take(in), 0, utf8);
        break;
      case 6:
        out.attributes.push_back(read_attribute(take(in), 0, utf8));
        break;
      case 9:
        out.trace_id = take(in);
        break;
      case 10:
        out.span_id = take(in);
        break;
      case 11:
        observed = take_fixed64(in);
        break;
      case 12:
        out.event_name = utf8(take(in));
        break;
      default:
        in.skip();
    }
  }
  if (auto ok = finish_log(out, time, observed, latest); !ok) return ok.error();
  return out;
}

OtlpAttributes read_resource(std::string_view bytes, Utf8Repair& utf8) {
  OtlpAttributes out;
  auto in = reader(bytes);
  while (in.next(1)) out.push_back(read_attribute(take(in), 0, utf8));
  return out;
}

OtlpScope read_scope(std::string_view bytes, Utf8Repair& utf8) {
  OtlpScope out;
  auto in = reader(bytes);
  while (in.next()) switch (in.tag()) {
      case 1:
        out.name = utf8(take(in));
        break;
      case 2:
        out.version = utf8(take(in));
        break;
      default:
        in.skip();
    }
  return out;
}

/// The first field of a nest: writers may put it after the items.
std::string_view head_of(std::string_view nest) {
  auto in = reader(nest);
  return in.next(kHead) ? take(in) : std::string_view{};
}

Error bad_protobuf(std::string_view what) {
  return {"bad_protobuf", fmt::format("{} is not whole OTLP protobuf; is the topic's encoding another one?", what)};
}

/// Calls `each` with every record; what one record's bytes get wrong stays with that record.
template <typename Each>
Status walk(std::string_view payload, OtlpSink& sink, Utf8Repair& utf8, const Each& each) {
  try {
    auto message = reader(payload);
    while (message.next(kResourceItems)) {
      const std::string_view resource_nest = take(message);
      const OtlpAttributes resource = read_resource(head_of(resource_nest), utf8);
      auto scopes = reader(resource_nest);
      while (scopes.next(kItems)) {
        const std::string_view scope_nest = take(scopes);
        const OtlpScope scope = read_scope(head_of(scope_nest), utf8);
        auto records = reader(scope_nest);
        while (records.next(kItems)) {
          const std::string_view record = take(records);
          try {
            if (auto ok = each(resource, scope, record); !ok) sink.on_bad(ok.error(), record);
          } catch (const protozero::exception&) {
            sink.on_bad(bad_protobuf("the record"), record);
          } catch (const TooDeep&) {
            sink.on_bad(
                {"too_deep", fmt::format("an attribute value is nested deeper than {} levels", OtlpDecoder::kMaxDepth)},
                record);
          }
        }
      }
    }
  } catch (const protozero::exception&) {
    return bad_protobuf("the message");
  } catch (const TooDeep&) {
    return bad_protobuf("a resource attribute");
  }
  return ok_status();
}

}  // namespace

Status decode_traces_protobuf(std::string_view payload, OtlpSink& sink, Utf8Repair& utf8, Timestamp latest) {
  return walk(payload, sink, utf8, [&](const OtlpAttributes& resource, const OtlpScope& scope, std::string_view bytes) {
    const auto span = read_span(bytes, utf8, latest);
    if (!span) return Status(span.error());
    sink.on_span(resource, scope, *span);
    return ok_status();
  });
}

Status decode_logs_protobuf(std::string_view payload, OtlpSink& sink, Utf8Repair& utf8, Timestamp latest) {
  return walk(payload, sink, utf8, [&](const OtlpAttributes& resource, const OtlpScope& scope, std::string_view bytes) {
    const auto log = read_log(bytes, utf8, latest);
    if (!log) return Status(log.error());
    sink.on_log(resource, scope, *log);
    return ok_status();
  });
}

bool is_protobuf(std::string_view payload) {
  try {
    auto in = reader(payload);
    while (in.next()) in.skip();
    return true;
  } catch (const protozero::exception&) {
    return false;
  }
}

}  // namespace tidewatch
