#include "stream/evaluate/evaluation_event.h"

#include <fmt/format.h>

#include "stream/ingest/mapping/hex.h"
#include "stream/publish/timestamps.h"

namespace tidewatch {

std::map<std::string, std::string> labels_of(const v1::EvalRequest& request) {
  std::map<std::string, std::string> out;
  for (const auto& label : request.labels()) out.emplace(label.name(), label.value());
  return out;
}

v1::EvaluationEvent evaluation_event(const ChosenRequest& chosen, const ValidatorRule& rule, const Validation& found,
                                     std::optional<Timestamp> time) {
  v1::EvaluationEvent out;
  const std::string trace = to_hex(chosen.request.trace_id());
  const std::string name = chosen.probability ? rule.name : rule.name + "_outside_sample";
  out.set_id(fmt::format("tidewatch/{}/{}", name, trace));
  if (time) *out.mutable_time() = to_proto(*time);
  out.set_trace_id(trace);
  out.set_name(name);
  out.set_passed(found.has_passed());
  if (found.score) out.set_score(*found.score);
  out.set_explanation(found.why);
  out.set_evaluator("tidewatch/" + rule.check);
  if (chosen.probability) out.set_inclusion_probability(*chosen.probability);
  for (const auto& label : chosen.request.labels()) (*out.mutable_labels())[label.name()] = label.value();
  return out;
}

}  // namespace tidewatch
