// What a baseline without a past takes over from a relative that has one.
#include <algorithm>
#include <cmath>

#include "detectors/baseline/baseline.h"

namespace tidewatch {
namespace {

// Standard deviation of relatives around each other where none shows it: a version whose odds of an error are 1.4 times
// those of the endpoint, or that takes 1.2 times as long, is an ordinary one. On an identity scale: of the level.
constexpr double kOddsBetween = 0.35;
constexpr double kLogBetween = 0.2;
constexpr double kIdentityBetween = 0.05;
// What that is worth, in relatives.
constexpr double kPriorRelatives = 3;
// Hours of the day differ between relatives less than levels do; a share of the variance.
constexpr double kSeasonShare = 0.25;
// What the borrowed size of single values is worth, in observations.
constexpr double kSizeObservations = 100;

double square(double x) { return x * x; }

}  // namespace

double Baseline::variance_between(std::span<const Baseline* const> others) const {
  double usual = square(kLogBetween);
  if (scale_ == Scale::logit) usual = square(kOddsBetween);
  if (scale_ == Scale::identity)
    usual = square(kIdentityBetween) * std::max({square(level_.location()), unit_variance_, 1e-6});
  double sum = kPriorRelatives * usual;
  double relatives = kPriorRelatives;
  for (const Baseline* other : others) {
    if (other->kind_ != kind_ || other->scale_ != scale_) continue;
    const double noise = level_.variance() + other->level_.variance();
    sum += std::max(square(other->level_.location() - level_.location()) - noise, 0.0);
    relatives += 1;
  }
  return sum / relatives;
}

void Baseline::borrow(const BaselineParams& params, const Baseline& relative, double between) {
  kind_ = relative.kind_;
  scale_ = relative.scale_;
  level_.start(relative.level_.location() + relative.lag_.expected(params.half_life),
               relative.level_.variance() + relative.lag_.variance() + between);
  season_ = relative.season_;
  season_.trust(1 / (kSeasonShare * between));
  spread_ = relative.spread_.as_prior();
  hourly_ = relative.hourly_;
  unit_variance_ = relative.unit_variance_;
  unit_weight_ = std::min(relative.unit_weight_, kSizeObservations);
  log_unit_size_ = relative.log_unit_size_;
  is_borrowed_ = true;
}

std::optional<uint32_t> Baseline::borrowing(const BaselineParams& params) const {
  if (!is_borrowed_ || has_own_past(params)) return std::nullopt;
  return static_cast<uint32_t>(windows_);
}

}  // namespace tidewatch
