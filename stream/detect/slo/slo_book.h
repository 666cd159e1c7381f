#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "detectors/core/result.h"
#include "stream/detect/cells.h"
#include "stream/detect/slo/slo_rule.h"
#include "stream/window/entity.h"
#include "stream/window/measures.h"

namespace tidewatch {

/// An SLO with what its state machine needs. Points into the rule.
class CompiledSlo {
 public:
  CompiledSlo(const SloRule& rule, MeasureId measure, const MeasureInfo& info);

  const SloRule& rule() const { return *rule_; }
  const SloPolicy& policy() const { return policy_; }
  MeasureId measure() const { return measure_; }
  bool is_safety() const { return is_safety_; }  ///< what people expect does not hold it back
  bool shows_bad() const { return shows_bad_; }  ///< exemplars of the measure are bad events
  /// What was counted under it: counts of something else are begun anew. Objective, period and alerts may change.
  std::string identity() const { return (rule_->is_good ? "good " : "bad ") + rule_->measure; }
  bool applies(const EntityGroup& group, const Labels& labels) const;
  /// What an aggregate of the measure counts; nothing where it has none.
  std::optional<SloCounts> counts(const Aggregate& aggregate) const;

 private:
  const SloRule* rule_;
  MeasureId measure_;
  bool is_safety_;
  bool shows_bad_;
  SloPolicy policy_;
};

/// Every SLO of the config.
class SloBook {
 public:
  /// `rules` outlive it. Errors: `bad_slo`, for what is no rate measure.
  static Result<SloBook> compile(const std::vector<SloRule>& rules, MeasureCatalog& catalog);

  bool empty() const { return slos_.empty(); }
  bool watches(MeasureId measure) const;
  std::vector<const CompiledSlo*> of(const EntityGroup& group, const Labels& labels) const;

 private:
  std::vector<std::unique_ptr<CompiledSlo>> slos_;
};

}  // namespace tidewatch
