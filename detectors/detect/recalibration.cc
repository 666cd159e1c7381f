#include "detectors/detect/recalibration.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

namespace tidewatch {
namespace {

constexpr std::array<double, 5> kBits{2, 4, 6, 8, 11};
constexpr double kHalfLife = 52'416;
constexpr uint8_t kLongestEpisode = 255;
/// Bits that a claimed bit may be worth. Windows of few events claim few different p-values: that none lay between two
/// of them says little.
constexpr double kLeastSlope = 0.25;
constexpr double kMostSlope = 1.5;
constexpr double kMostFirstSlope = 2;

}  // namespace

double Recalibration::p_value(const Tail& claimed, Direction asked, double prior_events) const {
  const double bits = surprise_of(claimed.p_value(asked));
  const auto& beyond = past_.beyond[static_cast<size_t>(asked)];
  double from = 0;
  double windows = past_.windows;
  double reached = 0;  // bits that `from` is worth
  double slope = 1;
  double prior = 1;
  for (size_t i = 0; i < kSteps; ++i) {
    const double step = kBits[i] - from;
    const double share = (beyond[i] + prior_events) / (windows + prior_events * std::exp2(prior * step));
    slope = std::clamp(-std::log2(share) / step, kLeastSlope, i == 0 ? kMostFirstSlope : kMostSlope);
    if (bits <= kBits[i]) return std::exp2(-reached - slope * (bits - from));
    reached += slope * step;
    prior = std::min(slope, (1 + slope) / 2);
    from = kBits[i];
    windows = beyond[i];
  }
  const double further = reached + std::min(slope, 1.0) * (bits - from);
  return std::exp2(-std::min(further, std::max(reached, bits)));
}

void Recalibration::count(const Tail& claimed, Counts<uint8_t>& counts) {
  counts.windows += 1;
  for (const Direction asked : {Direction::either, Direction::up, Direction::down}) {
    const double bits = surprise_of(claimed.p_value(asked));
    auto& beyond = counts.beyond[static_cast<size_t>(asked)];
    for (size_t i = 0; i < kSteps && bits > kBits[i]; ++i) beyond[i] += 1;
  }
}

void Recalibration::add(const Counts<uint8_t>& counts, double weight) {
  const auto kept = static_cast<float>(std::exp2(-counts.windows / kHalfLife));
  const auto each = static_cast<float>(weight);
  const auto learn = [&](float& sum, uint8_t now) { sum = kept * sum + each * static_cast<float>(now); };
  learn(past_.windows, counts.windows);
  for (size_t asked = 0; asked < counts.beyond.size(); ++asked)
    for (size_t i = 0; i < kSteps; ++i) learn(past_.beyond[asked][i], counts.beyond[asked][i]);
}

void Recalibration::learn(const Tail& claimed, double weight) {
  if (surprise_of(claimed.p_value(Direction::either)) > kBits[0]) {
    if (episode_.windows == kLongestEpisode) return;
    count(claimed, episode_);
    episode_weight_ = std::min(episode_weight_, static_cast<float>(weight));
    return;
  }
  if (episode_.windows > 0) add(episode_, episode_weight_);
  episode_ = {};
  episode_weight_ = 1;
  Counts<uint8_t> calm;
  count(claimed, calm);
  add(calm, weight);
}

void Recalibration::save(ByteWriter& out) const {
  const auto put = [&](const auto& counts) {
    out.put(counts.windows);
    for (const auto& beyond : counts.beyond)
      for (const auto count : beyond) out.put(count);
  };
  put(past_);
  put(episode_);
  out.put(episode_weight_);
}

bool Recalibration::load(ByteReader& in) {
  bool good = true;
  const auto get = [&](auto& counts) {
    const auto number = [&](auto& into, auto most) {
      into = in.get<std::decay_t<decltype(into)>>();
      good = good && into >= 0 && into <= most;
    };
    using Number = decltype(counts.windows);
    number(counts.windows, std::numeric_limits<Number>::max());
    for (auto& beyond : counts.beyond)
      for (size_t i = 0; i < kSteps; ++i) number(beyond[i], i == 0 ? counts.windows : beyond[i - 1]);
  };
  get(past_);
  get(episode_);
  episode_weight_ = in.get<float>();
  return in.ok() && good && episode_weight_ >= 0 && episode_weight_ <= 1;
}

}  // namespace tidewatch
