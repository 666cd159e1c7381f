#include "stream/ingest/findings/foreign.h"

namespace tidewatch {
namespace {

std::string source_of(std::string_view type) {
  if (type == "LLM_JUDGE" || type == "AI_JUDGE") return "model";
  return type == "CODE" ? "code" : "user";
}

}  // namespace

ForeignFinding read_mlflow(const JsonObject& item) {
  const auto wrapped = item.object("assessment");
  const JsonObject& assessment = wrapped ? *wrapped : item;
  const auto feedback = assessment.object("feedback");
  // An expectation is a reference answer; an error means that the judge failed; not valid: replaced by another one.
  if (!feedback || feedback->has("error") || assessment.has("error") || !assessment.boolean("valid").value_or(true))
    return std::optional<Finding>();

  Finding out;
  out.id = assessment.text("assessment_id");
  const auto time = assessment.time({"last_update_time", "create_time", "last_update_time_ms", "create_time_ms"});
  if (!time) return time.error();
  out.time = *time;
  if (const auto overridden = assessment.text("overrides"); !overridden.empty()) {
    out.id = overridden;
    out.op = v1::FEEDBACK_OP_UPDATE;
  } else if (!out.id.empty() && item.has("update_mask")) {
    out.op = v1::FEEDBACK_OP_UPDATE;
  }
  const auto trace = assessment.text("trace_id");
  if (const auto ok = set_trace(out, trace.empty() ? item.text("trace_id") : trace); !ok) return ok.error();
  if (const auto ok = set_span(out, assessment.text("span_id")); !ok) return ok.error();
  out.name = assessment.text("assessment_name");
  out.has_comment = !assessment.text("rationale").empty();
  if (const auto source = assessment.object("source")) {
    out.source = source_of(source->text("source_type"));
    // Of a person it is a name or an address.
    if (out.is_by_machine()) out.evaluator = source->text("source_id");
  }
  if (const auto value = feedback->find("value")) set_value(out, *value);
  return std::optional(std::move(out));
}

}  // namespace tidewatch
