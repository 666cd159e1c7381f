#include "stream/ingest/findings/foreign.h"

namespace tidewatch {
namespace {

std::string source_of(std::string_view source) {
  if (source == "ANNOTATION") return "annotator";
  if (source == "EVAL") return "model";
  return "api";
}

/// `value` is a number for NUMERIC and BOOLEAN, a text otherwise; scores read back carry the text as `stringValue` and
/// in `value` the number of the category, which is no score.
void set_score(Finding& finding, const JsonObject& score) {
  const std::string_view type = score.text("dataType");
  std::string_view text = score.text("value");
  if (text.empty()) text = score.text("stringValue");
  const auto number = score.number("value");
  if (type == "TEXT" || type == "CORRECTION") {
    finding.has_comment = finding.has_comment || !text.empty();
  } else if (type == "BOOLEAN" && number) {
    finding.yes = *number != 0;
  } else if (const auto value = score.find("value"); value && type != "CATEGORICAL") {
    set_value(finding, *value);
  } else {
    set_label_or_comment(finding, text);
  }
}

}  // namespace

ForeignFinding read_langfuse(const JsonObject& item) {
  const auto body = item.object("body");
  const bool is_event = body && item.has("type");
  if (is_event && item.text("type") != "score-create") return std::optional<Finding>();
  const JsonObject& score = is_event ? *body : item;

  Finding out;
  out.id = score.text("id").empty() && is_event ? item.text("id") : score.text("id");
  const auto time = score.time({"timestamp", "updatedAt", "createdAt"});
  if (!time) return time.error();
  out.time = *time;
  if (!out.time && is_event) {
    const auto sent = item.time({"timestamp"});
    if (!sent) return sent.error();
    out.time = *sent;
  }
  if (const auto ok = set_trace(out, score.text("traceId")); !ok) return ok.error();
  out.session = score.text("sessionId");
  if (const auto ok = set_span(out, score.text("observationId")); !ok) return ok.error();
  // A score of an experiment over a data set says nothing of what runs in production.
  if (out.trace_id.empty() && out.session.empty() && score.has("datasetRunId")) return std::optional<Finding>();
  out.name = score.text("name");
  out.has_comment = !score.text("comment").empty();
  out.source = source_of(score.text("source"));
  set_score(out, score);
  return std::optional(std::move(out));
}

}  // namespace tidewatch
