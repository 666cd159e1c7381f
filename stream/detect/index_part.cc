#include "stream/detect/index_part.h"

#include <algorithm>
#include <cmath>

#include "detectors/core/special_functions.h"

namespace tidewatch {
namespace {

constexpr double kNormal95 = 1.959963984540054;

bool has_own_scale(const MeasureInfo& info, const v1::MeasuredValue& measured) {
  return info.kind == MeasureKind::rate || measured.measure().starts_with("score_") ||
         measured.measure() == "groundedness";
}

double score_on_own_scale(const MeasureInfo& info, double value) {
  return std::clamp(info.worse == Worse::up ? 1 - value : value, 0.0, 1.0);
}

double square(double x) { return x * x; }

/// Mean and variance of min(1, exp(-X)) with X normal around 0: faster than usual is no better than good, so that what
/// varies is below 1 on average.
PartScore expected_ratio(double deviation) {
  const double variance = square(deviation);
  const auto moment = [&](double order) {
    // Beyond five the whole lower half counts nothing.
    if (order * deviation > 5) return 0.5;
    return 0.5 + std::exp(square(order) * variance / 2) * normal_upper(order * deviation);
  };
  const double mean = moment(1);
  return {mean, std::max(0.0, moment(2) - square(mean))};
}

/// Standard deviation of a 95 % interval; 0 without one.
double deviation_of(bool is_given, double low, double high) { return is_given ? (high - low) / 2 / kNormal95 : 0; }

std::optional<PartScore> expected_score(const MeasureInfo& info, const v1::MeasuredValue& measured) {
  if (!measured.has_expected()) return std::nullopt;
  const bool has_interval = measured.has_expected_low() && measured.has_expected_high();
  const double deviation = deviation_of(has_interval, measured.expected_low(), measured.expected_high());
  if (has_own_scale(info, measured)) return PartScore{score_on_own_scale(info, measured.expected()), square(deviation)};
  if (!(measured.expected() > 0)) return std::nullopt;
  if (has_interval && measured.expected_low() > 0)
    return expected_ratio(std::log(measured.expected_high() / measured.expected_low()) / 2 / kNormal95);
  return expected_ratio(deviation / measured.expected());
}

std::optional<PartScore> seen_score(const MeasureInfo& info, const v1::MeasuredValue& measured) {
  if (!measured.has_value()) return std::nullopt;
  const double value = measured.value();
  const double error = deviation_of(measured.has_low() && measured.has_high(), measured.low(), measured.high());
  if (has_own_scale(info, measured)) return PartScore{score_on_own_scale(info, value), square(error)};
  if (!measured.has_expected() || !(measured.expected() > 0) || !(value > 0)) return std::nullopt;
  const double ratio = info.worse == Worse::up ? measured.expected() / value : value / measured.expected();
  return PartScore{std::min(1.0, ratio), square(ratio * error / value)};
}

}  // namespace

std::optional<IndexPart> index_part(const MeasureInfo& info, const v1::MeasuredValue& measured) {
  if (info.worse == Worse::none) return std::nullopt;
  const auto expected = expected_score(info, measured);
  if (const auto seen = seen_score(info, measured)) return IndexPart{*seen, expected, false};
  if (!measured.has_value() && expected) return IndexPart{*expected, expected, true};
  return std::nullopt;
}

}  // namespace tidewatch
