#include "app/tap/message_json.h"

#include <absl/strings/escaping.h>
#include <fmt/format.h>

#include <string>

#include "stream/ingest/mapping/hex.h"
#include "stream/publish/encoder.h"

namespace tidewatch::tap {
namespace {

using nlohmann::ordered_json;

bool is_id(const std::string& key) { return key == "trace_id" || key == "span_id" || key == "parent_span_id"; }

/// Fields of type bytes come as base64. Ids that are text in the schema (32 hex digits) decode to no 8 or 16 bytes.
void show_ids_as_hex(ordered_json& value) {
  if (!value.is_structured()) return;
  for (auto& [key, inner] : value.items()) {
    std::string bytes;
    if (value.is_object() && is_id(key) && inner.is_string() &&
        absl::Base64Unescape(inner.get_ref<const std::string&>(), &bytes) && (bytes.size() == 16 || bytes.size() == 8))
      inner = to_hex(bytes);
    else
      show_ids_as_hex(inner);
  }
}

}  // namespace

ordered_json message_json(const google::protobuf::Message& message) {
  if (const auto bad = non_finite_field(message))
    return {{"unprintable", fmt::format("{} is not a finite number", *bad)}};
  auto out = ordered_json::parse(encode(message, WireFormat::json), nullptr, false);
  if (out.is_discarded()) return {{"unprintable", "a text in it is not UTF-8"}};
  show_ids_as_hex(out);
  return out;
}

}  // namespace tidewatch::tap
