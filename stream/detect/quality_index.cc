#include "stream/detect/quality_index.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "stream/detect/index_part.h"

namespace tidewatch {
namespace {

constexpr double kNormal95 = 1.959963984540054;
constexpr double kNormal80 = 0.8416212335729143;

/// Of a distribution, the statistic that the index uses: the tail where more is worse, else the mean.
bool is_index_statistic(const MeasureInfo& info, const WatchedMeasure& watched) {
  if (info.kind != MeasureKind::distribution) return true;
  return watched.statistic == (info.measure_class == MeasureClass::latency ? Statistic::p95 : Statistic::mean);
}

/// Sums over parts, each by its weight; variances by its square. On the scale of the parts, 0 to 1.
struct Sums {
  double weights = 0;
  double index = 0;
  double variance = 0;
  double expected = 0;
  double change_variance = 0;    ///< of the difference from what is expected, when nothing changed
  double sampling_variance = 0;  ///< the part of it that more requests would shrink
  bool has_data = false;
  bool has_expectation = false;

  void add(double weight, const IndexPart& part) {
    weights += weight;
    index += weight * part.seen.value;
    variance += weight * weight * part.seen.variance;
    has_data |= !part.is_assumed;
    expected += weight * (part.expected ? part.expected->value : part.seen.value);
    if (!part.expected || part.is_assumed) return;
    has_expectation = true;
    change_variance += weight * weight * part.expected->variance;
    sampling_variance += weight * weight * std::min(part.seen.variance, part.expected->variance);
  }
};

std::optional<double> requests_of(const v1::QualityScore& score) {
  for (const auto& measured : score.measures())
    if (measured.measure() == "requests" && measured.has_value()) return measured.value();
  return std::nullopt;
}

/// Factor by which there must be more requests for such a change to be told from noise; nothing when no number would
/// do.
std::optional<double> times_the_data(const Sums& sums) {
  const double told = (sums.index - sums.expected) / (kNormal95 + kNormal80);
  const double left = told * told - (sums.change_variance - sums.sampling_variance);
  if (!(left > 0) || !(sums.sampling_variance > 0)) return std::nullopt;
  return sums.sampling_variance / left;
}

void fill_change(v1::QualityScore& score, const Sums& sums) {
  const double points = 100 * (sums.index - sums.expected) / sums.weights;
  const double reach = 100 * kNormal95 * std::sqrt(sums.change_variance) / sums.weights;
  score.set_index_expected(100 * sums.expected / sums.weights);
  auto& change = *score.mutable_index_change();
  change.set_points(points);
  change.set_low(points - reach);
  change.set_high(points + reach);
  change.set_verdict(std::abs(points) > reach ? "real" : "noise");
  const auto requests = requests_of(score);
  if (const auto times = times_the_data(sums); times && requests)
    change.set_requests_needed(std::ceil(*requests * *times));
}

}  // namespace

void fill_quality_index(v1::QualityScore& score, const MeasureCatalog& catalog) {
  MeasureCatalog names = catalog;
  Sums sums;
  for (const auto& measured : score.measures()) {
    const auto watched = resolve_watched(names, measured.measure());
    if (!watched) continue;
    const MeasureInfo& info = names.info(watched->measure);
    if (info.index_weight <= 0 || !is_index_statistic(info, *watched)) continue;
    const auto part = index_part(info, measured);
    if (!part) continue;
    auto* out = score.add_parts();
    out->set_measure(measured.measure());
    out->set_score(100 * part->seen.value);
    out->set_weight(info.index_weight);
    out->set_assumed(part->is_assumed);
    if (part->expected) out->set_expected(100 * part->expected->value);
    sums.add(info.index_weight, *part);
  }
  if (!sums.has_data) return score.clear_parts();
  for (auto& part : *score.mutable_parts()) {
    part.set_weight(part.weight() / sums.weights);
    if (part.has_expected()) part.set_change(part.weight() * (part.score() - part.expected()));
  }
  const double index = 100 * sums.index / sums.weights;
  const double spread = 100 * kNormal95 * std::sqrt(sums.variance) / sums.weights;
  score.set_index(index);
  score.set_index_low(std::max(0.0, index - spread));
  score.set_index_high(std::min(100.0, index + spread));
  if (sums.has_expectation) fill_change(score, sums);
}

}  // namespace tidewatch
