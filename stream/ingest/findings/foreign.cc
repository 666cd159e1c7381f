#include "stream/ingest/findings/foreign.h"

#include <fmt/format.h>
#include <xxhash.h>

namespace tidewatch {

ForeignReader foreign_reader_of(const JsonObject& item) {
  if (item.has("assessment_name") || item.object("assessment")) return read_mlflow;
  if (item.has("annotator_kind") || item.object("result")) return read_phoenix;
  if (item.object("body") && item.has("type")) return read_langfuse;
  if (item.has("name") && (item.has("value") || item.has("stringValue"))) return read_langfuse;
  if (item.has("key")) return read_langsmith;
  return nullptr;
}

bool set_value(Finding& finding, const simdjson::dom::element& value) {
  if (bool yes = false; value.get(yes) == simdjson::SUCCESS) {
    finding.yes = yes;
    return true;
  }
  if (double score = 0; value.get(score) == simdjson::SUCCESS) {
    finding.score = score;
    return true;
  }
  if (std::string_view text; value.get(text) == simdjson::SUCCESS) {
    set_label_or_comment(finding, text);
    return true;
  }
  return false;
}

Status set_trace(Finding& finding, std::string_view trace_id) {
  if (trace_id.empty()) return ok_status();
  auto id = parse_trace_id(trace_id);
  if (!id) return id.error();
  finding.trace_id = std::move(id).value();
  return ok_status();
}

Status set_span(Finding& finding, std::string_view span_id) {
  if (span_id.empty()) return ok_status();
  auto id = parse_span_id(span_id);
  if (id)
    finding.span_id = std::move(id).value();
  else if (finding.trace_id.empty() && finding.session.empty())
    return id.error();
  return ok_status();
}

std::string content_id(std::string_view content) {
  const auto hash = XXH3_128bits(content.data(), content.size());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

}  // namespace tidewatch
