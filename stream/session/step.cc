#include "stream/session/step.h"

namespace tidewatch {

Step step_of(const v1::Turn& turn) {
  Step out;
  out.trace_id = turn.trace_id();
  out.start = Timestamp(Duration(turn.start_unix_nano()));
  out.end = Timestamp(Duration(turn.end_unix_nano()));
  for (const auto& label : turn.labels()) out.labels.set(label.name(), label.value());
  out.exemplar.trace_id = turn.trace_id();
  out.exemplar.time = out.end;
  out.exemplar.topic = turn.source().topic();
  out.exemplar.partition = turn.source().partition();
  out.exemplar.offset = turn.source().offset();
  if (turn.has_question_fingerprint()) out.fingerprint = turn.question_fingerprint();
  if (turn.has_question_content()) out.content = turn.question_content();
  out.numbers = turn.question_numbers();
  out.is_refused = turn.refused();
  out.is_poor = turn.failed() || turn.refused() || turn.hedged() || turn.empty() || turn.truncated();
  return out;
}

}  // namespace tidewatch
