#include "detectors/detect/combination.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "detectors/detect/asked_sides.h"
#include "detectors/detect/cauchy_combination.h"
#include "detectors/detect/strongest_measure.h"

namespace tidewatch {
namespace {

constexpr uint8_t kVersion = 1;

}  // namespace

Combination::Combination(const Params& params, size_t observations)
    : params_(params), series_(std::max<size_t>(observations, 1)) {}

bool Combination::warm() const {
  return std::any_of(series_.begin(), series_.end(), [&](const Series& series) { return series.warm(params_); });
}

Verdict Combination::score(const Window& window, const Context& context) const {
  Verdict verdict;
  if (std::none_of(window.observations.begin(), window.observations.end(), &is_usable)) return verdict;
  verdict.judgement = Judgement::warming_up;
  const ScoreVector seen = read_scores(params_, series_, window, params_.warm_up);
  if (!seen.any) return verdict;
  verdict.judgement = Judgement::scored;
  const auto sides = asked_sides(context, series_.size());
  std::vector<double> p_values;
  Eigen::VectorXd parts = Eigen::VectorXd::Zero(seen.scores.size());
  for (const auto i : seen.known()) {
    const auto at = static_cast<size_t>(i);
    p_values.push_back(seen.readings[at]->tail.p_value(sides[at]));
    parts[i] = std::max(cauchy_score(p_values.back()), 0.0);
  }
  verdict.surprise = surprise_of(cauchy_combination(p_values));
  verdict.contributions = contributions_of(verdict.surprise, parts, parts.sum());
  describe_strongest(verdict, seen, parts, nullptr, window);
  return verdict;
}

void Combination::learn(const Window& window, const Decision& decision) {
  const Observation none{};
  for (size_t i = 0; i < series_.size(); ++i)
    series_[i].learn(params_, i < window.observations.size() ? window.observations[i] : none, window, decision);
}

size_t Combination::memory_bytes() const {
  return std::accumulate(series_.begin(), series_.end(), sizeof(Combination),
                         [](size_t sum, const Series& series) { return sum + series.memory_bytes(); });
}

void Combination::save(ByteWriter& out) const {
  out.put(kVersion);
  out.put(static_cast<uint32_t>(series_.size()));
  for (const Series& series : series_) series.save(out);
}

Status Combination::load(ByteReader& in) {
  const auto version = in.get<uint8_t>();
  const auto size = in.get<uint32_t>();
  if (!in.ok()) return Error{"corrupt", "combination: its state is cut off"};
  if (version != kVersion) return Error{"unknown_version", "combination: not a version this build can read"};
  if (size != series_.size())
    return Error{"corrupt", fmt::format("combination: the state is of {} measures, not of {}", size, series_.size())};
  std::vector<Series> read(series_.size());
  for (Series& series : read)
    if (auto loaded = series.load(in); !loaded) return loaded;
  series_ = std::move(read);
  return ok_status();
}

}  // namespace tidewatch
