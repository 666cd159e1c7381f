#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/evaluate/human_labels.h"
#include "detectors/estimate/agreement.h"
#include "detectors/estimate/prediction_powered.h"
#include "stream/evaluate/judge/judged_request.h"

namespace tidewatch {

/// How far a judge agrees with people, and the rate that follows from both.
struct JudgeCalibration {
  std::string judge;
  uint64_t labelled = 0;                                                       ///< of the judged ones
  Result<Agreement> agreement = Error{"bad_estimate", "nothing is labelled"};  ///< judge first; 0 failed, 1 passed
  Result<PredictionPowered> passed = Error{"bad_estimate", "nothing is labelled"};
};

/// Compares judgements of the sample with labels of some of them.
class Calibration {
 public:
  explicit Calibration(HumanLabels labels) : labels_(std::move(labels)) {}
  void add(const JudgedRequest& judgement);  ///< pre: was_judged()
  /// For the judges that some label names, by name.
  std::vector<JudgeCalibration> result() const;
  size_t unused() const { return labels_.size() - used_; }  ///< labels of what was not judged

 private:
  struct OfJudge {
    std::vector<RatedTwice> pairs;
    std::vector<LabelledItem> labelled;
    double weight = 0;
    double passed = 0;  ///< weight of those
    double count = 0;
  };
  HumanLabels labels_;
  std::map<std::string, OfJudge> judges_;
  size_t used_ = 0;
};

}  // namespace tidewatch
