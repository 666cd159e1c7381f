#include <fmt/format.h>

#include "stream/ingest/findings/foreign.h"

namespace tidewatch {
namespace {

std::string source_of(std::string_view annotator_kind) {
  if (annotator_kind == "HUMAN" || annotator_kind.empty()) return "user";
  return annotator_kind == "CODE" ? "code" : "model";
}

}  // namespace

ForeignFinding read_phoenix(const JsonObject& item) {
  // One document of a retrieval, not the answer.
  if (item.has("document_position")) return std::optional<Finding>();
  Finding out;
  const auto time = item.time({"updated_at", "created_at"});
  if (!time) return time.error();
  out.time = *time;
  if (const auto ok = set_trace(out, item.text("trace_id")); !ok) return ok.error();
  out.session = item.text("session_id");
  if (const auto ok = set_span(out, item.text("span_id")); !ok) return ok.error();
  out.name = item.text("name");
  out.source = source_of(item.text("annotator_kind"));
  if (const auto result = item.object("result")) {
    out.score = result->number("score");
    out.has_comment = !result->text("explanation").empty();
    set_label_or_comment(out, result->text("label"));
  }
  if (out.is_by_machine())
    if (const auto metadata = item.object("metadata")) out.evaluator = metadata->text("model");
  // Phoenix itself holds one annotation per target, name and identifier; a second one replaces the first.
  out.id = item.text("id");
  if (out.id.empty())
    out.id = content_id(fmt::format("phoenix\n{}\n{}\n{}\n{}\n{}", item.text("trace_id"), item.text("span_id"),
                                    item.text("session_id"), out.name, item.text("identifier")));
  return std::optional(std::move(out));
}

}  // namespace tidewatch
