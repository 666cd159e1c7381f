#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "detectors/core/time.h"
#include "detectors/sketch/bottom_k.h"
#include "stream/assemble/sampling.h"
#include "tidewatch/v1/eval_request.pb.h"

namespace tidewatch {

/// A request that was chosen for evaluation.
struct ChosenRequest {
  v1::EvalRequest request;
  /// That of being chosen, the budget included. Absent: outside of the sample, to be looked at but not counted.
  std::optional<double> probability;
};

/// What one period's choice came to.
struct SampledPeriod {
  Timestamp start{};
  std::vector<ChosenRequest> chosen;  ///< by stratum and rank
  size_t over_budget = 0;             ///< chosen by their rates or strata, and left out
  double kept = 1;                    ///< share of those that the budget applies to that it kept, as a probability
};

/// Chooses for evaluation among what the tasks of assemble offer (Sampler), for all strata of a period together.
///
/// A budget is a second sample of what was chosen, by ranks of their own: it lowers the probability of each alike, so
/// that estimates get wider and not biased. What is always looked at (rate 1: reported by a user) is kept, and counts
/// towards it as far as half of it: the rest has the other half at least, for without it nothing would be known of the
/// requests that nobody sought out.
class SampleBook {
 public:
  explicit SampleBook(const SamplingOptions& options) : options_(options), minimum_(options.minimum()) {}

  /// Each request once, but for one that was reported after its period: then as it is outside of the sample, too.
  void offer(v1::EvalRequest request);
  /// Periods that had ended by `until`, the oldest first, and forgets them. What comes for them later is one more.
  /// Assemble's tasks have offered all of theirs when its watermark is the longest wait for a request further.
  std::vector<SampledPeriod> take(Timestamp until);

 private:
  struct Period {
    std::map<std::string, BottomK<v1::EvalRequest>> strata;
    std::vector<v1::EvalRequest> outside;
  };
  SampledPeriod choose(Timestamp start, Period& period) const;

  SamplingOptions options_;
  size_t minimum_;
  std::map<Timestamp, Period> periods_;
};

}  // namespace tidewatch
