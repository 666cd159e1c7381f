#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "detectors/core/params.h"
#include "detectors/core/result.h"
#include "detectors/detect/detector.h"

namespace tidewatch {

/// A detector as config knows it.
struct DetectorInfo {
  std::string name;
  std::string help;
  std::vector<ParamInfo> params;
  bool is_multivariate = false;     ///< watches all observations of a window; the others watch the first
  bool watches_categories = false;  ///< watches compositions and distributions as a whole; the others watch numbers
  bool judges_few = false;          ///< windows of few observations are its to deal with: none are joined for it
  bool compares_reference = false;  ///< judges against a test set; without one it judges nothing
  bool compares_siblings = false;  ///< judges against siblings (Window::siblings); a series that has none is not judged
};

/// All detectors of registry.def, in its order.
const std::vector<DetectorInfo>& describe_detectors();

/// Parameters by name, as text: `{"half_life", "288"}`. Durations and percentages as config writes them.
using DetectorSettings = std::vector<std::pair<std::string, std::string>>;

/// Makes a detector for windows of that many observations. Errors: `unknown_detector` and `unknown_key`, both with the
/// nearest name; `bad_value`.
Result<std::unique_ptr<Detector>> make_detector(std::string_view name, const DetectorSettings& settings,
                                                size_t observations = 1);

/// A detector by its name in config. Errors: `unknown_detector`, with the nearest name.
Result<const DetectorInfo*> find_detector(std::string_view name);

/// Whether a detector can watch so many measures. Errors: `unknown_detector`; `bad_measures`, saying what to do.
Status check_observations(std::string_view name, size_t observations);

/// Whether a detector can watch a measure of this kind. Errors: `unknown_detector`; `bad_measures`, to be said of the
/// measure: "is a composition, ...".
Status check_kind(std::string_view name, MeasureKind kind, Statistic statistic = Statistic::value);

/// The checks of make_detector() alone, for one observation.
Status check_detector(std::string_view name, const DetectorSettings& settings);

}  // namespace tidewatch
