#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/core/result.h"
#include "detectors/decide/lifecycle.h"
#include "detectors/detect/detector.h"
#include "stream/detect/options.h"
#include "stream/detect/reference_set.h"
#include "stream/window/measures.h"

namespace tidewatch {

/// A rule made ready for one choice of measures: `score_*` becomes one by evaluation score that appears.
struct CompiledRule {
  const DetectorRule* rule = nullptr;
  const DetectorInfo* detector = nullptr;
  std::string name;  ///< of the alert: the rule's, or "rule/measure" where the rule names a pattern
  std::vector<WatchedMeasure> measures;
  std::vector<std::string> measure_names;  ///< watched names, in the same order
  Direction direction = Direction::either;
  std::vector<Direction> worse;  ///< of each measure
  std::vector<Domain> domains;   ///< of each measure
  uint32_t min_count = 1;        ///< of each measure with data; 1 where windows are judged as they are
  AlertRule alert;               ///< its needs are asked of the detector when one is made

  Context context() const { return {direction, worse}; }
  /// What a saved baseline belongs to: with another detector, parameters, measures or window it would be of other data.
  std::string identity() const;
  std::unique_ptr<Detector> make_detector() const;
};

/// The rules of one engine. `options` and `catalog` outlive it.
class RuleBook {
 public:
  /// Errors: `bad_rule`, naming rule and what is wrong (unknown detector, parameter, measure; window no multiple of the
  /// pane); `bad_reference`. Rules that compare with a reference are left out where there is none.
  static Result<std::unique_ptr<RuleBook>> compile(const DetectOptions& options, MeasureCatalog& catalog);

  /// Rules for entities of `group`, in the config's order, gap detectors first: they say whether others may judge.
  const std::vector<std::unique_ptr<CompiledRule>>& rules() const { return rules_; }
  bool applies(const CompiledRule& rule, const std::vector<std::string>& group) const;
  /// sibling_label() under the colocation in force.
  std::string_view sibling_label(const std::vector<std::string>& group) const;
  /// Instances of pattern rules for a measure seen for the first time; their addresses stay.
  void saw_measure(MeasureId id);
  const ReferenceSet& reference() const { return reference_; }
  const std::vector<Duration>& widths() const { return widths_; }  ///< of all windows, ascending; never change

 private:
  RuleBook(const DetectOptions& options, MeasureCatalog& catalog) : options_(&options), catalog_(&catalog) {}
  Result<std::unique_ptr<CompiledRule>> compile_one(const DetectorRule& rule,
                                                    const std::vector<std::string>& measures) const;
  Status check_pattern(const DetectorRule& rule) const;
  void add(std::unique_ptr<CompiledRule> rule);
  void add_width(Duration width);

  const DetectOptions* options_;
  MeasureCatalog* catalog_;
  ReferenceSet reference_;
  std::vector<std::unique_ptr<CompiledRule>> rules_;
  std::vector<const DetectorRule*> patterns_;
  std::vector<bool> seen_;
  std::vector<Duration> widths_;
};

}  // namespace tidewatch
