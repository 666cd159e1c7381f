#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "detectors/decide/cause/evidence.h"

namespace tidewatch {

/// What evidence says in terms that speak for or against causes. cause/weights.h says how much.
enum class ClueKind : uint8_t {
  new_model,   ///< another model answers a share of the traffic, or is new near the beginning
  same_model,  ///< models are known and the same
  new_prompt,  ///< likewise of prompt versions
  same_prompt,
  new_provider,     ///< another provider serves
  new_retrieval,    ///< another retrieval strategy
  new_variant,      ///< a variant is new
  worse_variant,    ///< a variant differs from the others in the same windows
  worse_version,    ///< a prompt version differs from the others in the same windows
  worse_retrieval,  ///< scores of what is found fell, or as many documents are not found any more
  same_retrieval,   ///< retrieval is known and the same
  worse_grounding,  ///< answers keep less to the documents
  gradual,          ///< it came over days
  other_users,      ///< segments or languages of those who ask moved
  other_questions,  ///< questions are of another length
  same_users,       ///< users and questions are known and the same
  slower_model,     ///< model calls take longer for as much text
  failing_model,    ///< model calls fail or are refused more often
  failing_alone,    ///< requests fail, and not because model calls do
  larger_calls,     ///< more is sent to the model by the same users with the same prompt
  more_calls,       ///< a request takes more model calls
  silence,          ///< nothing comes any more
  starvation,       ///< less comes than should
  only_there,    ///< only where a label has a new value, or one rolled out, the measure moved; `facet` says which label
  everywhere,    ///< it moved alike where the label has its old values
  mix_explains,  ///< groups are answered as before, other groups ask
  mix_explains_nothing,  ///< the mix moved little of it
  alerted_answers,       ///< what the alert is about
  alerted_retrieval,
  alerted_questions,
  alerted_model,     ///< model time or errors
  alerted_requests,  ///< request time or errors
  alerted_size,      ///< tokens or cost
  alerted_volume,
};

struct Clue {
  ClueKind kind;
  std::string words{};  ///< with figures; empty: not told
  std::optional<Facet> facet{};
  std::optional<Timestamp> at{};  ///< when it changed
  double strength = 1;            ///< (0, 1]: of its weights; less where it changed at another time
};

/// The clues that evidence gives, in no particular order; each kind (and facet) once.
std::vector<Clue> clues_of(const CauseEvidence& evidence);

}  // namespace tidewatch
