#pragma once

#include <vector>

#include "detectors/core/verdict.h"
#include "detectors/sketch/category_counts.h"

namespace tidewatch {

inline constexpr size_t kMostNamedCategories = 3;

/// How differently two samples are distributed over categories.
struct CompositionTest {
  double degrees_of_freedom = 0;  ///< 0: nothing can be said
  double chi_squared = 0;         ///< likelihood ratio of homogeneity (G²), as if chance alone were at work
  double sample = 0;              ///< the effective size N / (1 + N / R) that overdispersion grows with
  double moved = 0;               ///< total variation distance in [0, 1]: share of the traffic that changed category
  double moved_by_chance = 0;     ///< what is expected of it when nothing changed and chance alone is at work
  double moved_spread = 0;        ///< its standard deviation then
  std::vector<CategoryShift> categories;  ///< by part of chi_squared, largest first, at most kMostNamedCategories
};

/// Likelihood ratio test of homogeneity (G-test; Sokal & Rohlf 1994) of two samples. Categories with less than five
/// observations, seen and expected, are counted together: a new category says something once it is more than a few. The
/// expected distance is sum of sqrt(q (1 - q) / (2 pi n)) over the categories, its spread that of independent
/// half-normals.
CompositionTest compare_compositions(const CategoryCounts& reference, const CategoryCounts& seen);

}  // namespace tidewatch
