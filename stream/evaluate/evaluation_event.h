#pragma once

#include <map>
#include <optional>
#include <string>

#include "detectors/core/time.h"
#include "stream/evaluate/sample_book.h"
#include "stream/evaluate/validators/rule.h"
#include "tidewatch/v1/evaluation.pb.h"

namespace tidewatch {

/// Labels of a request as validators take them.
std::map<std::string, std::string> labels_of(const v1::EvalRequest& request);

/// What a rule found of a chosen request, for Stream::evaluations. Its id is that of the rule and the trace, so that it
/// counts once however often it is written. What is outside of the sample has the name "<rule>_outside_sample", a
/// measure of its own: among the others it would count as if every answer were judged. `time`: when it was made;
/// absent: when its record is appended. Pre: `found` is applicable.
v1::EvaluationEvent evaluation_event(const ChosenRequest& chosen, const ValidatorRule& rule, const Validation& found,
                                     std::optional<Timestamp> time);

}  // namespace tidewatch
