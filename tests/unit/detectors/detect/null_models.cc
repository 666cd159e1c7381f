#include "unit/detectors/detect/null_models.h"

#include <algorithm>

namespace tidewatch::testing {
namespace {

std::vector<Observation> latency(Traffic& traffic, size_t) { return {traffic.value_window(1.2, 300, 1.0, 0.05)}; }
std::vector<Observation> refusals(Traffic& traffic, size_t) { return {traffic.rate_window(0.05, 300, 0.1)}; }
std::vector<Observation> requests(Traffic& traffic, size_t index) {
  return {traffic.count_window(100 * daily(index, 0.5), 0.1)};
}
std::vector<Observation> users(Traffic& traffic, size_t) { return {traffic.distinct_window(80, 0.1)}; }

std::vector<Observation> finish_reasons(Traffic& traffic, size_t index) {
  static constexpr double kShares[] = {0.8, 0.1, 0.07, 0.03};
  return {traffic.composition_window(kShares, 20 + 10 * std::floor(daily(index, 0.5)), 0.1)};
}

/// Latency, error rate and tokens of the same requests, all with something in common.
std::vector<Observation> three(Traffic& traffic, size_t) {
  const double common = 0.6 * traffic.normal();
  const double logit = std::log(0.05 / 0.95) + 0.15 * (common + 0.8 * traffic.normal());
  const double level = 1.2 * std::exp(0.08 * (common + 0.8 * traffic.normal()));
  return {mean(level * (1 + 0.02 * traffic.normal()), 0.02 * level, 300),
          rate(traffic.binomial(300, 1 / (1 + std::exp(-logit))), 300),
          count(traffic.poisson(200 * std::exp(0.1 * (common + 0.8 * traffic.normal()))))};
}

/// Latencies of six steps of the same requests, which vary by what all share, what three of them share, and alone.
std::vector<Observation> six(Traffic& traffic, size_t) {
  const double all = traffic.normal();
  const double half = traffic.normal();
  std::vector<Observation> out;
  for (int i = 0; i < 6; ++i) {
    const double score = 0.6 * all + (i < 3 ? 0.5 * half : 0.0) + 0.5 * traffic.normal();
    out.push_back(mean(std::exp(0.08 * score), 0.01, 300));
  }
  return out;
}

/// A canary beside others that have eight times its requests; what is refused changes for all alike through the day.
constexpr double kOwn = 12;
constexpr double kOthers = 96;
double refused(size_t index) { return 0.08 * daily(index, 0.7); }
std::vector<Observation> few_refusals(Traffic& traffic, size_t index) {
  return {rate(traffic.binomial(kOwn, refused(index)), kOwn)};
}
std::vector<Siblings> refusals_of_others(Traffic& traffic, size_t index) {
  return {{.together = rate(traffic.binomial(kOthers, refused(index)), kOthers), .split = {}}};
}
std::vector<Observation> few_latencies(Traffic& traffic, size_t) {
  return {traffic.value_window(1.2, kOwn, 1.0, 0.05)};
}
/// Half of all values are above their common median; which, is drawn one after the other.
std::vector<Siblings> latencies_of_others(Traffic& traffic, size_t) {
  Split split{0, kOwn, (kOwn + kOthers) / 2, kOthers};
  double left = kOwn + kOthers;
  for (double i = 0; i < kOwn; ++i, --left)
    if (traffic.uniform() * left < split.others_above) {
      ++split.own_above;
      --split.others_above;
    }
  return {{.together = traffic.value_window(1.2, kOthers, 1.0, 0.05), .split = split}};
}

}  // namespace

std::vector<NullModel> null_models() {
  std::vector<NullModel> out{
      {"point_on_latency", "point", {}, 1, latency, true, 0.75, 1.35},
      {"point_on_rates", "point", {}, 1, refusals, true, 0.75, 1.35},
      {"point_on_counts", "point", {}, 1, requests, true, 0.75, 1.35},
      {"point_on_distinct_counts", "point", {}, 1, users, true, 0.75, 1.35},
      // In the first week the season is not known, and shift claims less than it may: what it learns of that is too
      // much in the weeks after. Exceedance (decide) looks at what is settled.
      {"shift_on_latency", "shift", {}, 1, latency, true, 0.6, 1.45},
      {"shift_on_rates", "shift", {}, 1, refusals, true, 0.6, 1.45},
      {"drift_of_finish_reasons", "drift", {}, 1, finish_reasons, true, 0.5, 1.5},
      // Judged once a day, so these have 560 days; tests of its own look at more.
      {"trend_on_latency", "trend", {}, 1, latency, true, 0.0, 1.5},
      {"trend_on_rates", "trend", {}, 1, refusals, true, 0.0, 1.5},
      {"multivariate", "multivariate", {}, 3, three, true, 0.65, 1.3},
      {"combination", "combination", {}, 3, three, true, 0.75, 1.35},
      {"comovement", "comovement", {}, 3, three, true, 0.5, 1.5},
      {"subspace", "subspace", {}, 6, six, true, 0.5, 1.5},
      // A union bound over the lengths of runs: never more than claimed, often less.
      {"gap", "gap", {}, 1, requests, true, 0.2, 1.0},
      {"threshold", "threshold", {{"above", "1.5"}}, 1, latency, false},
  };
  out.push_back(
      {"reference_on_rates", "reference", {{"tolerance", "0"}}, 1, refusals, true, 0.3, 1.3, {rate(1000, 20000)}});
  out.push_back({"reference_on_latency",
                 "reference",
                 {{"tolerance", "0"}},
                 1,
                 latency,
                 true,
                 0.3,
                 1.3,
                 {mean(1.2, 1.2 / std::sqrt(20000.0), 20000)}});
  // Several odds ratios are tried, by a union bound, and a CUSUM says less than it may: never more than claimed.
  out.push_back({"contrast_on_rates", "contrast", {}, 1, few_refusals, true, 0.0, 1.0, {}, refusals_of_others});
  out.push_back({"contrast_on_latency", "contrast", {}, 1, few_latencies, true, 0.0, 1.0, {}, latencies_of_others});
  for (const DetectorInfo& info : describe_detectors())
    if (std::none_of(out.begin(), out.end(), [&](const NullModel& model) { return model.detector == info.name; }))
      out.push_back({info.name, info.name, {}, 1, latency});
  return out;
}

}  // namespace tidewatch::testing
