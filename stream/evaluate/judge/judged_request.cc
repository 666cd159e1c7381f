#include "stream/evaluate/judge/judged_request.h"

#include <fmt/format.h>

#include "stream/ingest/mapping/hex.h"
#include "stream/publish/timestamps.h"

namespace tidewatch {

v1::EvaluationEvent to_event(const JudgedRequest& judgement) {
  v1::EvaluationEvent out;
  const v1::EvalRequest& request = judgement.chosen.request;
  const std::string trace = to_hex(request.trace_id());
  const std::string name = judgement.probability ? judgement.judge : judgement.judge + "_outside_sample";
  out.set_id(fmt::format("tidewatch/{}/{}", name, trace));
  *out.mutable_time() = to_proto(Timestamp(Duration(request.time_unix_nano())));
  out.set_trace_id(trace);
  out.set_name(name);
  out.set_score(judgement.score);
  out.set_passed(judgement.has_passed);
  out.set_explanation(judgement.reason);
  out.set_evaluator(judgement.evaluator);
  if (judgement.probability) out.set_inclusion_probability(*judgement.probability);
  for (const auto& label : request.labels()) (*out.mutable_labels())[label.name()] = label.value();
  return out;
}

}  // namespace tidewatch
