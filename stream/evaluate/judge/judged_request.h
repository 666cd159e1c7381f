#pragma once

#include <optional>
#include <string>

#include "stream/evaluate/sample_book.h"
#include "tidewatch/v1/evaluation.pb.h"

namespace tidewatch {

/// What became of a request that was given to a judge.
struct JudgedRequest {
  std::string judge;      ///< name of its rule
  std::string evaluator;  ///< "model/rubric@version"
  ChosenRequest chosen;
  /// Probability that it was chosen, fell to this judge and was not left out for want of room: what it has to be
  /// counted by. Absent: outside of the sample.
  std::optional<double> probability;

  /// Why it was not judged; empty: it was. `not_applicable` (`reason` says why), `over_capacity`, `expired`,
  /// `unreadable` (also after being asked again), `cut_off`, `given_up`, or a code of FinishedChat.
  std::string unjudged;
  double score = 0;  ///< in [0, 1]; of a comparison: 1 the answer, 0 the other one, 0.5 a tie
  bool has_passed = false;
  bool was_inconsistent = false;  ///< a comparison whose two orders disagreed: a tie
  std::string reason;             ///< the model's, masked
  bool is_from_cache = false;
  bool was_repaired = false;
  double spent_usd = 0;

  bool was_judged() const { return unjudged.empty(); }
};

/// As llm.evaluations has it, at the time of the request. What is outside of the sample has the name
/// "<judge>_outside_sample", as that of validators (evaluation_event). pre: was_judged()
v1::EvaluationEvent to_event(const JudgedRequest& judgement);

}  // namespace tidewatch
