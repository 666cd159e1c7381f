#pragma once

#include <vector>

namespace tidewatch {

/// Two groups of which so many have a mark, seen once: given both sizes and the number of marks in all, how many of the
/// marks fall into the first group follows Fisher's noncentral hypergeometric law, whose only parameter is the
/// logarithm θ of the odds ratio between the groups (Fisher 1935). Whatever rate both have in common is gone from it.
///
/// Counts are rounded. The cost is the number of ways the marks can fall; beyond kMostWays all counts are made smaller
/// in proportion, so that there is less evidence than was seen, never more.
class NoncentralHypergeometric {
 public:
  static constexpr double kMostWays = 1024;

  /// Pre: finite, 0 <= marked <= size, 0 <= others_marked <= others_size.
  NoncentralHypergeometric(double marked, double size, double others_marked, double others_size);

  double seen() const { return seen_; }  ///< marks of the first group
  /// log E[exp(θ X)] under equal odds: the likelihood of θ is exp(θ·seen() - log_moment(θ)) times that of 0.
  double log_moment(double theta) const;
  struct Moments {
    double mean = 0;
    double variance = 0;
  };
  Moments moments(double theta) const;  ///< of X at θ

 private:
  double log_sum(double theta) const;  ///< log Σ weight·exp(θ·(X - least))

  double seen_ = 0;
  double least_ = 0;                 ///< smallest possible X
  std::vector<double> log_weights_;  ///< of X = least_, least_ + 1, ...; the largest is 0
};

}  // namespace tidewatch
