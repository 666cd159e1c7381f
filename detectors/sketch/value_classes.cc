#include "detectors/sketch/value_classes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace tidewatch {
namespace {

constexpr int kEqualClasses = 20;
constexpr std::array<double, 6> kSteps{1, 1.5, 2, 3, 5, 7};
constexpr int kStepCount = static_cast<int>(kSteps.size());
// Sizes beyond are of the outermost classes: nothing that is measured is larger or smaller.
constexpr int kMostDecades = 30;

/// Lower border of the class of this number; 0 is that from 1 to 1.5.
double border(int index) {
  const int decade = static_cast<int>(std::floor(static_cast<double>(index) / kStepCount));
  const double step = kSteps[static_cast<size_t>(index - decade * kStepCount)];
  // Powers of ten are divided by, where they are not whole: 3 / 1000 is the double nearest to 0.003, 3 * 0.001 is not.
  return decade < 0 ? step / std::pow(10.0, -decade) : step * std::pow(10.0, decade);
}

int index_of_size(double size) {
  constexpr int kLimit = kMostDecades * kStepCount;
  const int decade = static_cast<int>(std::floor(std::log10(size)));
  int index = std::clamp(decade * kStepCount, -kLimit, kLimit);
  while (index < kLimit && size >= border(index + 1)) ++index;
  while (index > -kLimit && size < border(index)) --index;
  return index;
}

/// Classes in ascending order: bounded domains count from 0; others have zero at 0 and sizes on both sides of it.
int class_of(double value, const Domain& domain) {
  const double inside = domain.nearest(value);
  if (domain.is_bounded()) {
    const double share = (inside - domain.low) / (domain.high - domain.low);
    return std::clamp(static_cast<int>(share * kEqualClasses), 0, kEqualClasses - 1);
  }
  constexpr int kOne = kMostDecades * kStepCount + 1;  // class of sizes from 1 to 1.5
  if (inside == 0) return 0;
  const int size = index_of_size(std::abs(inside)) + kOne;
  return inside > 0 ? size : -size;
}

std::string name_of_class(int index, const Domain& domain) {
  if (domain.is_bounded()) {
    const auto at = [&](int i) { return domain.low + (domain.high - domain.low) * i / kEqualClasses; };
    return fmt::format("{:.6g} to {:.6g}", at(index), at(index + 1));
  }
  if (index == 0) return "0";
  constexpr int kOne = kMostDecades * kStepCount + 1;
  const int size = std::abs(index) - kOne;
  if (index > 0) return fmt::format("{:.6g} to {:.6g}", border(size), border(size + 1));
  return fmt::format("{:.6g} to {:.6g}", -border(size + 1), -border(size));
}

}  // namespace

std::string value_class(double value, const Domain& domain) { return name_of_class(class_of(value, domain), domain); }

CategoryCounts value_classes(const RealQuantiles& values, const Domain& domain) {
  std::map<int, double> weights;  // ordered, so that the outcome is that of no hash
  values.for_each([&](double value, double weight) { weights[class_of(value, domain)] += weight; });
  CategoryCounts out;
  for (const auto& [index, weight] : weights)
    if (weight > 0) out.add(name_of_class(index, domain), weight);
  return out;
}

}  // namespace tidewatch
