#include "stream/ingest/evaluation.h"

#include "stream/ingest/findings/own_events.h"
#include "stream/ingest/findings/reader.h"

namespace tidewatch {

Result<Findings> parse_evaluations(std::string_view payload, Timestamp append_time, const ScoreRanges& ranges) {
  constexpr OwnEvent kOwn{read_evaluation_json, read_evaluation_protobuf};
  return read_findings(payload, append_time, kOwn, [&](const Finding& finding, Findings& out) -> Status {
    auto evaluation = to_evaluation(finding, ranges);
    if (!evaluation) return evaluation.error();
    out.evaluations.push_back(std::move(evaluation).value());
    return ok_status();
  });
}

}  // namespace tidewatch
