// The laws of rates and counts against Boost.Math's distributions and against sums term by term.
#include <gtest/gtest.h>

#include <boost/math/distributions/negative_binomial.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/binomial.hpp>
#include <cmath>

#include "detectors/detect/count_tail.h"
#include "detectors/detect/rate_tail.h"

namespace tidewatch {
namespace {

TEST(CountTail, IsTheMidPOfANegativeBinomial) {
  for (const double mean : {0.2, 3.0, 40.0, 900.0})
    for (const double variance : {0.01, 0.1, 1.0}) {
      const double shape = 1 / variance + 0.5;
      const boost::math::negative_binomial law(shape, shape / (shape + mean));
      for (const double k : {0.0, 1.0, 2.0, std::floor(mean), std::ceil(2 * mean), std::ceil(5 * mean)}) {
        const Tail tail = count_tail({mean, variance}, k);
        const double equal = pdf(law, k);
        EXPECT_NEAR(tail.upper, cdf(complement(law, k)) + equal / 2, 1e-9 * tail.upper + 1e-13) << mean << " " << k;
        EXPECT_NEAR(tail.lower, cdf(law, k) - equal / 2, 1e-9 * tail.lower + 1e-13) << mean << " " << k;
      }
      EXPECT_NEAR(probability_of_none({mean, variance}), pdf(law, 0), 1e-12);
    }
}

/// The beta-binomial from its definition, with the concentration that the logit's variance asks for.
struct BetaBinomial {
  double a, b, n;
  BetaBinomial(double p, double logit_variance, double trials) : n(trials) {
    const double concentration = (1 / logit_variance + 0.5 * (1 - 2 * p * (1 - p))) / (p * (1 - p));
    a = p * concentration;
    b = (1 - p) * concentration;
  }
  double at(double k) const {
    return boost::math::binomial_coefficient<double>(static_cast<unsigned>(n), static_cast<unsigned>(k)) *
           boost::math::beta(k + a, n - k + b) / boost::math::beta(a, b);
  }
};

TEST(RateTail, IsTheMidPOfABetaBinomial) {
  for (const double p : {0.02, 0.3, 0.9})
    for (const double variance : {0.02, 0.3})
      for (const double n : {1.0, 3.0, 50.0, 400.0}) {
        const BetaBinomial law(p, variance, n);
        for (const double k : {0.0, 1.0, std::floor(n * p), std::floor(n / 2), n}) {
          double lower = 0;
          double upper = 0;
          for (double i = 0; i <= n; ++i) (i < k ? lower : i > k ? upper : lower) += i == k ? 0 : law.at(i);
          const double half = law.at(k) / 2;
          const Tail tail = rate_tail({p, variance, n}, k);
          EXPECT_NEAR(tail.upper, upper + half, 1e-7 * (upper + half) + 1e-11) << p << " " << n << " " << k;
          EXPECT_NEAR(tail.lower, lower + half, 1e-7 * (lower + half) + 1e-11) << p << " " << n << " " << k;
        }
      }
}

}  // namespace
}  // namespace tidewatch
