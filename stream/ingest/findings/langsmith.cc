#include <algorithm>
#include <array>

#include "stream/ingest/findings/foreign.h"

namespace tidewatch {
namespace {

std::string source_of(const JsonObject& item) {
  const auto source = item.object("feedback_source");
  const std::string_view type = source ? source->text("type") : std::string_view();
  if (type == "app") return "annotator";
  if (type == "model" || type == "auto_eval") return "model";
  return "api";
}

/// `feedback_config` says on which scale, and which score stands for which category.
void apply_config(Finding& finding, const JsonObject& config) {
  const auto min = config.number("min");
  const auto max = config.number("max");
  if (min && max) finding.range = ScoreRange{*min, *max};
  simdjson::dom::array categories;
  const auto found = config.find("categories");
  if (!found || found->get(categories) != simdjson::SUCCESS) return;
  std::optional<ScoreRange> range;
  for (const auto category : categories) {
    const auto fields = as_object(category);
    const auto value = fields ? fields->number("value") : std::nullopt;
    if (!value) continue;
    range = range ? ScoreRange{std::min(range->min, *value), std::max(range->max, *value)} : ScoreRange{*value, *value};
    if (finding.score == value && finding.label.empty()) set_label_or_comment(finding, fields->text("label"));
  }
  if (!finding.range && range && range->min < range->max) finding.range = range;
}

/// LangSmith's exporter makes the trace id of the root run's UUID and the span id of the first half of the run's.
/// Without a trace id the run is taken for the root: that is what users of an application rate.
Status set_target(Finding& finding, const JsonObject& item) {
  const std::string_view run = item.text("run_id");
  const std::string_view trace = item.text("trace_id");
  if (auto ok = set_trace(finding, trace.empty() ? run : trace); !ok) return ok;
  constexpr size_t kSpanIdBytes = 8;
  if (const auto run_id = parse_trace_id(run); !run.empty() && run_id)
    finding.span_id = run_id->substr(0, kSpanIdBytes);
  return ok_status();
}

}  // namespace

ForeignFinding read_langsmith(const JsonObject& item) {
  // The evaluator failed; `session_id` is a project, no session of a user.
  if (item.boolean("error").value_or(false)) return std::optional<Finding>();
  Finding out;
  out.id = item.text("id");
  const auto created = item.time({"created_at"});
  if (!created) return created.error();
  const auto modified = item.time({"modified_at"});
  if (!modified) return modified.error();
  out.time = *modified ? *modified : *created;
  if (!out.id.empty() && *created && *modified && **modified > **created) out.op = v1::FEEDBACK_OP_UPDATE;
  if (const auto ok = set_target(out, item); !ok) return ok.error();
  out.name = item.text("key");
  out.has_comment = !item.text("comment").empty() || item.has("correction");
  out.source = source_of(item);
  if (const auto score = item.find("score")) set_value(out, *score);
  if (const auto value = item.find("value"); value && (out.label.empty() && !value->is_object())) {
    const bool has_score = out.score || out.yes;
    if (value->is_string() || !has_score) set_value(out, *value);
  }
  if (const auto config = item.object("feedback_config")) apply_config(out, *config);
  return std::optional(std::move(out));
}

}  // namespace tidewatch
