#pragma once

#include <span>

namespace tidewatch {

/// The share of one p-value in the combined statistic: tan((1/2 - p)π), a standard Cauchy variable when p is uniform;
/// 1/(pπ) where p is small. P-values above 0.99 count as that: one that happens to be 1 would outweigh any evidence.
double cauchy_score(double p_value);

/// One p-value for several that may depend on each other in any way: that of the mean of their Cauchy scores (Liu &
/// Xie, "Cauchy combination test: a powerful test with analytic p-value calculation under arbitrary dependency
/// structures", JASA 2020; truncated as in Fang, Chang, Park & Tseng, "Heavy-tailed distribution for combining
/// dependent p-values", Statistica Sinica 2023). Under any dependence exceeded as often as it says the further out the
/// more exactly; with independent or equal p-values everywhere. 1 of none.
///
/// Where one of n is small, the result is n times that, as Bonferroni's; where all are equal, it is that, without the
/// price of n.
double cauchy_combination(std::span<const double> p_values);

}  // namespace tidewatch
