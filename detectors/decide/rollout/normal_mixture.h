#pragma once

namespace tidewatch {

/// Evidence that a mean is above zero, valid however often one looks: the mixture sequential probability ratio test of
/// Robbins (Ann. Math. Stat. 41, 1970) and Johari, Koomen, Pekelis & Walsh (KDD 2017) with a half-normal prior of
/// variance `prior_variance`, for an estimate that is about normal with `variance` (an asymptotic confidence sequence:
/// Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas, Ann. Stat. 52, 2024). Returns the natural logarithm of the e-value:
/// at a true mean of zero or below it exceeds log(1/alpha) at any time with a probability of at most alpha, about.
/// Pre: variances > 0.
double log_evidence(double estimate, double variance, double prior_variance);

/// The variance of the prior that decides soonest when the estimate has `variance` (Waudby-Smith et al., eq. 24, one
/// side). It hardly matters within a factor of ten.
double best_prior_variance(double variance, double alpha);

}  // namespace tidewatch
