#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/core/time.h"
#include "detectors/decide/wording.h"

namespace tidewatch {

/// What a measure speaks of when causes are weighed.
enum class Trait : uint8_t {
  answers,         ///< how answers are: refusals, hedging, form, length, votes, scores
  grounding,       ///< whether answers keep to the documents
  retrieval,       ///< what is found: scores and number of documents
  questions,       ///< what is asked: length, language
  model_time,      ///< how long model calls take
  model_errors,    ///< model calls that fail or are refused
  request_errors,  ///< requests that fail
  request_time,    ///< how long requests take
  call_size,       ///< what is sent to the model: input tokens; cost
  answer_size,     ///< what the model writes: output tokens, characters of answers
  calls,           ///< model calls by request
  volume,          ///< requests
  other,
};

/// A label of which traffic has a share by value.
enum class Facet : uint8_t { model, provider, prompt_version, retrieval, variant, segment, language, endpoint };
std::string_view name_of(Facet facet);

/// A number of an entity before something began and since.
struct Movement {
  std::string measure;  ///< "retrieval_score"
  Trait trait = Trait::other;
  Quantity quantity = Quantity::number;
  std::string noun{};  ///< of counts
  double before = 0;
  double after = 0;
  bool is_moved = false;   ///< more than chance and more than matters
  bool is_steady = false;  ///< what matters would have been seen to move; neither: too little was seen to say
  Timestamp since{};       ///< if it moved: the start of what differs, as exactly as is known

  bool is_up() const { return after > before; }
};

/// How the traffic of an entity was divided by a label before and since.
struct Mix {
  Facet facet = Facet::model;
  double moved = 0;      ///< share of the traffic that has another value, beyond chance
  std::string gained{};  ///< the value that grew most
  double before = 0;     ///< its share
  double after = 0;
  bool is_moved = false;
  Timestamp since{};
};

/// A value of a label that was never seen before.
struct FirstValue {
  Facet facet = Facet::model;
  std::string value;
  Timestamp at{};
};

/// Difference in differences of the alert's measure: how it moved where a value of a label is, beyond how it moved
/// where other values are in the same time.
struct Difference {
  Facet facet = Facet::model;
  std::string value;        ///< of those that moved, or that the alert is about
  bool is_new = false;      ///< it was not there before
  double own = 0;           ///< how much it moved there, in the measure's units
  double others = 0;        ///< how much it moved elsewhere
  double error = 0;         ///< standard error of own - others
  double others_error = 0;  ///< of others
  Quantity quantity = Quantity::number;
};

/// Kitagawa's decomposition of how a measure moved over the values of a label: total = by_mix + within.
struct Decomposition {
  Facet facet = Facet::segment;
  std::string measure;
  Quantity quantity = Quantity::share;
  double by_mix = 0;  ///< because other groups ask
  double mix_error = 0;
  double within = 0;  ///< because groups are answered otherwise
  double within_error = 0;
};

/// What is known when a cause is asked for.
struct CauseEvidence {
  Trait alerted = Trait::other;       ///< what the alert is about
  Timestamp began{};                  ///< of the deviation, as far as is known
  Duration blur{};                    ///< it may have begun so much earlier or later
  bool is_gradual = false;            ///< found as a trend over days
  bool is_silent = false;             ///< nothing came at all
  bool is_starved = false;            ///< less came than should, of any kind
  std::optional<Facet> contrasted{};  ///< found by comparing values of this label with each other
  std::string contrasted_value{};
  std::vector<Movement> movements{};       ///< of what was seen often enough, steady ones included
  std::vector<Mix> mixes{};                ///< likewise
  std::vector<FirstValue> first_values{};  ///< near the beginning
  std::vector<Difference> differences{};
  std::vector<Decomposition> decompositions{};
};

}  // namespace tidewatch
