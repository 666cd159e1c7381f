#include "detectors/estimate/rogan_gladen.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

namespace tidewatch {
namespace {

Status check(const Outcomes& outcomes, std::string_view what) {
  if (std::isfinite(outcomes.of) && outcomes.of > 0 && outcomes.yes >= 0 && outcomes.yes <= outcomes.of)
    return ok_status();
  return Error{"bad_estimate", fmt::format("{}: {} of {} is no share", what, outcomes.yes, outcomes.of)};
}

/// A share with `added` outcomes put to it, half of them yes.
struct Share {
  double value;
  double of;
  Share(const Outcomes& outcomes, double added)
      : value((outcomes.yes + added / 2) / (outcomes.of + added)), of(outcomes.of + added) {}
  double variance() const { return value * (1 - value) / of; }
};

Interval lang_reiczigel(const Share& flagged, const Share& sensitivity, const Share& false_alarms, double z) {
  const double power = sensitivity.value - false_alarms.value;
  const double rate = (flagged.value - false_alarms.value) / power;
  const double variance =
      flagged.variance() + rate * rate * sensitivity.variance() + (1 - rate) * (1 - rate) * false_alarms.variance();
  const double shift = 2 * z * z * (rate * sensitivity.variance() - (1 - rate) * false_alarms.variance());
  const double half = z * std::sqrt(variance) / power;
  return {std::clamp(rate + shift - half, 0.0, 1.0), std::clamp(rate + shift + half, 0.0, 1.0)};
}

}  // namespace

Result<CorrectedRate> rogan_gladen(const Outcomes& flagged, const Outcomes& flagged_of_cases,
                                   const Outcomes& flagged_of_others, double confidence) {
  if (auto status = check(flagged, "flagged items"); !status) return status.error();
  if (auto status = check(flagged_of_cases, "flagged of the cases"); !status) return status.error();
  if (auto status = check(flagged_of_others, "flagged of the others"); !status) return status.error();
  CorrectedRate out;
  out.uncorrected = Share(flagged, 0).value;
  out.sensitivity = Share(flagged_of_cases, 0).value;
  const double false_alarms = Share(flagged_of_others, 0).value;
  out.specificity = 1 - false_alarms;
  const Share sensitivity(flagged_of_cases, 2);
  const Share of_others(flagged_of_others, 2);
  if (!(out.sensitivity > false_alarms && sensitivity.value > of_others.value))
    return Error{
        "bad_estimate",
        fmt::format("the check flags {:.3g} of the cases and {:.3g} of the others: no rate can be told from it",
                    out.sensitivity, false_alarms)};
  out.value = std::clamp((out.uncorrected - false_alarms) / (out.sensitivity - false_alarms), 0.0, 1.0);
  const double z = two_sided_quantile(confidence, std::numeric_limits<double>::infinity());
  out.interval = lang_reiczigel(Share(flagged, z * z), sensitivity, of_others, z);
  return out;
}

}  // namespace tidewatch
