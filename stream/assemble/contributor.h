#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "stream/assemble/combiner.h"
#include "stream/assemble/options.h"
#include "stream/assemble/prices.h"
#include "stream/assemble/request.h"
#include "stream/rollout/rollout_arms.h"
#include "stream/window/entity.h"
#include "stream/window/measures.h"
#include "tidewatch/v1/fragment.pb.h"

namespace tidewatch {

/// Labels whose first sight of a value is published as a change.
inline constexpr std::string_view kChangeLabels[] = {"endpoint", "model", "response_model", "prompt_version",
                                                     "retrieval"};

/// Turns requests, feedback and evaluations into measures of entities: what of a request counts where. What concerns a
/// request as a whole counts once for each group with the request's labels, what concerns a call with the call's.
class Contributor {
 public:
  explicit Contributor(const AssembleOptions& options);
  Contributor(const Contributor&) = delete;
  Contributor& operator=(const Contributor&) = delete;

  /// Its calls included; a plain one counts where others are seen. False when it has the labels of no group, so that it
  /// counts nowhere.
  bool add_request(const Request& request);
  void add_calls(const Request& request);  ///< the calls alone: spans that came after their request was counted

  /// `weight` -1 withdraws what was added with 1. False: the labels belong to no entity.
  bool add_feedback(const Labels& labels, const v1::FeedbackFacts& feedback, const Exemplar& exemplar, double weight);
  /// Whether feedback was given on a request of a model while its labels were kept; `time`: when they were forgotten.
  void add_response(const Labels& labels, std::string_view trace_id, bool has_feedback, Timestamp time);
  /// Counts for `score_<name>` and `pass_<name>`, by inverse inclusion probability. False also when the catalogue is
  /// full.
  bool add_evaluation(const Labels& labels, const v1::EvaluationFacts& evaluation, const Exemplar& exemplar);

  void flush(Effects& out);
  const PriceList& prices() const { return prices_; }
  const RolloutArms& rollouts() const { return rollouts_; }

 private:
  class Cells;
  /// False: the labels belong to no entity. What is added counts in rollouts, too.
  bool for_each_entity(const Labels& labels, std::string_view trace_id, Timestamp time, RequestKind kind,
                       const std::function<void(Cells)>& add);
  void add_answer(const Request& request, Cells cells) const;
  void add_end_of_answer(const Request& request, const Call& call, Cells cells) const;
  void add_call(const Request& request, const Call& call, Cells cells) const;
  void count_unpriced(std::string_view model);
  void add_custom(CountedOver of, const Request& request, const Call* call, Cells cells) const;

  std::vector<EntityGroup> groups_;
  std::vector<CustomMeasure> custom_;
  std::vector<MeasureId> custom_ids_;
  MeasureCatalog catalog_;
  PriceList prices_;
  RolloutArms rollouts_;
  Combiner combiner_;
  std::map<std::string, uint64_t, std::less<>> unpriced_;  ///< calls since the last flush, by model
};

}  // namespace tidewatch
