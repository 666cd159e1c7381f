#include "app/evaluate/calibration.h"

#include "stream/ingest/mapping/hex.h"

namespace tidewatch {

void Calibration::add(const JudgedRequest& judgement) {
  if (!judgement.probability) return;  // outside of the sample: it speaks for nobody
  OfJudge& judge = judges_[judgement.judge];
  const double weight = 1 / *judgement.probability;
  judge.count += 1;
  judge.weight += weight;
  if (judgement.has_passed) judge.passed += weight;
  const auto label = labels_.find({to_hex(judgement.chosen.request.trace_id()), judgement.judge});
  if (label == labels_.end()) return;
  ++used_;
  judge.pairs.push_back({judgement.has_passed ? size_t{1} : size_t{0}, label->second ? size_t{1} : size_t{0}, weight});
  judge.labelled.push_back({label->second ? 1.0 : 0.0, judgement.has_passed ? 1.0 : 0.0, judgement.probability});
}

std::vector<JudgeCalibration> Calibration::result() const {
  std::vector<JudgeCalibration> out;
  for (const auto& [name, judge] : judges_) {
    if (judge.pairs.empty()) continue;
    JudgeCalibration& one = out.emplace_back();
    one.judge = name;
    one.labelled = judge.pairs.size();
    one.agreement = cohens_kappa(judge.pairs, 2, AgreementWeights::none);
    one.passed = prediction_powered(judge.labelled, {judge.count, judge.passed / judge.weight}, Estimand::rate);
  }
  return out;
}

}  // namespace tidewatch
