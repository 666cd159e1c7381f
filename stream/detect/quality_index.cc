#include "stream/detect/quality_index.h"

#include <algorithm>
#include <cmath>

namespace tidewatch {
namespace {

constexpr double kNormal95 = 1.959963984540054;

struct Part {
  double score;     ///< [0, 1]
  double variance;  ///< of the score
};

double half_width(const v1::MeasuredValue& measured) {
  return measured.has_low() && measured.has_high() ? (measured.high() - measured.low()) / 2 : 0;
}

std::optional<Part> part_of(const MeasureInfo& info, const v1::MeasuredValue& measured) {
  if (!measured.has_value() || info.worse == Worse::none) return std::nullopt;
  const double value = measured.value();
  const double error = half_width(measured) / kNormal95;
  const bool has_own_scale = info.kind == MeasureKind::rate || measured.measure().starts_with("score_") ||
                             measured.measure() == "groundedness";
  if (has_own_scale) {
    const double good = info.worse == Worse::up ? 1 - value : value;
    return Part{std::clamp(good, 0.0, 1.0), error * error};
  }
  if (!measured.has_expected() || !(measured.expected() > 0) || !(value > 0)) return std::nullopt;
  const double ratio = info.worse == Worse::up ? measured.expected() / value : value / measured.expected();
  const double relative_error = error / value;
  return Part{std::min(1.0, ratio), ratio * ratio * relative_error * relative_error};
}

/// Of a distribution, the statistic that the index uses: the tail where more is worse, else the mean.
bool is_index_statistic(const MeasureInfo& info, const WatchedMeasure& watched) {
  if (info.kind != MeasureKind::distribution) return true;
  return watched.statistic == (info.measure_class == MeasureClass::latency ? Statistic::p95 : Statistic::mean);
}

}  // namespace

void fill_quality_index(v1::QualityScore& score, const MeasureCatalog& catalog) {
  MeasureCatalog names = catalog;
  double weights = 0;
  double sum = 0;
  double variance = 0;
  for (const auto& measured : score.measures()) {
    const auto watched = resolve_watched(names, measured.measure());
    if (!watched) continue;
    const MeasureInfo& info = names.info(watched->measure);
    if (info.index_weight <= 0 || !is_index_statistic(info, *watched)) continue;
    const auto part = part_of(info, measured);
    if (!part) continue;
    auto* out = score.add_parts();
    out->set_measure(measured.measure());
    out->set_score(100 * part->score);
    out->set_weight(info.index_weight);
    weights += info.index_weight;
    sum += info.index_weight * part->score;
    variance += info.index_weight * info.index_weight * part->variance;
  }
  if (!(weights > 0)) return;
  for (auto& part : *score.mutable_parts()) part.set_weight(part.weight() / weights);
  const double index = 100 * sum / weights;
  const double spread = 100 * kNormal95 * std::sqrt(variance) / weights;
  score.set_index(index);
  score.set_index_low(std::max(0.0, index - spread));
  score.set_index_high(std::min(100.0, index + spread));
}

}  // namespace tidewatch
