#include "stream/ingest/feedback.h"

#include "stream/ingest/findings/own_events.h"
#include "stream/ingest/findings/reader.h"

namespace tidewatch {

Result<Findings> parse_feedback(std::string_view payload, Timestamp append_time, const ScoreRanges& ranges) {
  constexpr OwnEvent kOwn{read_feedback_json, read_feedback_protobuf};
  return read_findings(payload, append_time, kOwn, [&](const Finding& finding, Findings& out) -> Status {
    if (finding.is_by_machine()) {
      auto evaluation = to_evaluation(finding, ranges);
      if (!evaluation) return evaluation.error();
      out.evaluations.push_back(std::move(evaluation).value());
    } else {
      auto feedback = to_feedback(finding, ranges);
      if (!feedback) return feedback.error();
      out.feedback.push_back(std::move(feedback).value());
    }
    return ok_status();
  });
}

}  // namespace tidewatch
