#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "detectors/core/result.h"
#include "detectors/sketch/aggregate.h"
#include "stream/evaluate/judge/judge.h"

namespace tidewatch {

/// A request to be judged, once for each way that it was chosen.
struct ToJudge {
  JudgedTexts texts;
  Judge::Labels labels;
  std::vector<ChosenRequest> as;
  std::string only{};  ///< the judge that it is for; empty: all whose `where` fits
};

/// What the judgements of a judge come to.
struct JudgedSummary {
  std::string name;
  std::string evaluator;
  Aggregate passed{MeasureKind::rate, WorstEnd::smallest};         ///< of the sample, by inverse probability
  Aggregate score{MeasureKind::distribution, WorstEnd::smallest};  ///< the same
  uint64_t judged = 0;                                             ///< of the sample
  uint64_t looked_at = 0;                                          ///< outside of it
  uint64_t not_applicable = 0;
  std::string why_not;                       ///< of the first that was not applicable
  std::map<std::string, uint64_t> unjudged;  ///< by reason
  std::vector<std::string> failures;         ///< "<trace id>: why" of the first of them
};

struct JudgeReport {
  std::vector<JudgedSummary> judges;
  Judge::Counts counts;
  bool has_price = false;
  /// Why the judge ended before all was judged, with what it last said; empty: it did not.
  std::string ended_early;
};

/// Has the judges of a config judge requests, in random order, so that those it came to before it had to end are a
/// random part of all. Ends when the server has answered nothing for `patience`, when it refuses the key or does not
/// know the model, and when a cap is reached. `on_judgement` gets what was judged. Errors: those of Judge::make().
Result<JudgeReport> judge_sample(JudgeOptions options, std::vector<ToJudge> requests,
                                 const std::function<void(const JudgedRequest&)>& on_judgement,
                                 const std::function<void(double)>& on_progress);

}  // namespace tidewatch
