#pragma once

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "unit/detectors/detect/playback.h"

namespace tidewatch::testing {

/// Traffic in which nothing ever happens, as a detector of the registry is fed with it: what conformance is tested on.
struct NullModel {
  std::string name;  ///< "point on rates"
  std::string detector;
  DetectorSettings settings;
  size_t observations = 1;
  std::vector<Observation> (*draw)(Traffic&, size_t index);
  bool has_null = true;  ///< false: surprise is not a claim on chance (limits of people)
  /// Observed share of windows beyond b bits, relative to 2^-b, must lie between these.
  double least = 0.5;
  double most = 1.5;
  std::vector<Observation> reference{};                                 ///< what a test set showed
  std::vector<Siblings> (*siblings)(Traffic&, size_t index) = nullptr;  ///< null: there are none
};

/// At least one for every detector of the registry; those that are not named here are fed with latency.
std::vector<NullModel> null_models();

inline std::string test_name(const ::testing::TestParamInfo<NullModel>& model) { return model.param.name; }
inline void PrintTo(const NullModel& model, std::ostream* out) { *out << model.name; }

/// Plays windows of a null model, as the engine does.
struct NullPlayback {
  const NullModel& model;
  std::unique_ptr<Detector> detector;
  Traffic traffic;
  size_t index = 0;
  std::vector<Observation> seen;
  std::vector<Siblings> siblings;

  NullPlayback(const NullModel& model_given, uint64_t seed)
      : model(model_given),
        detector(make_detector(model.detector, model.settings, model.observations).value()),
        traffic(seed) {}

  const std::vector<Observation>& draw() {
    seen = model.draw(traffic, index);
    if (model.siblings != nullptr) siblings = model.siblings(traffic, index);
    return seen;
  }
  Window window(const std::vector<Observation>& at) const {
    Window out = window_at(index, at);
    out.siblings = siblings;
    return out;
  }
  Verdict look(const std::vector<Observation>& at) const {
    return detector->score(window(at), {.reference = model.reference});
  }
  void learn(const std::vector<Observation>& at, const Verdict& verdict) {
    const bool is_anomalous =
        model.has_null && verdict.judgement == Judgement::scored && verdict.surprise >= kAlertBits;
    detector->learn(window(at), {.anomalous = is_anomalous});
    ++index;
  }
  Verdict pass() {
    const Verdict verdict = look(draw());
    learn(seen, verdict);
    return verdict;
  }
};

}  // namespace tidewatch::testing
