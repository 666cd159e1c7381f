#include "detectors/core/special_functions.h"

#include <math.h>  // lgamma_r is not in <cmath>

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <numbers>

namespace tidewatch {
namespace {

namespace policies = boost::math::policies;
using Quiet =
    policies::policy<policies::domain_error<policies::ignore_error>, policies::pole_error<policies::ignore_error>,
                     policies::overflow_error<policies::ignore_error>,
                     policies::underflow_error<policies::ignore_error>, policies::denorm_error<policies::ignore_error>,
                     policies::rounding_error<policies::ignore_error>,
                     policies::evaluation_error<policies::ignore_error>,
                     policies::indeterminate_result_error<policies::ignore_error>, policies::promote_double<false>>;
constexpr Quiet kQuiet{};

double share(double x) { return std::clamp(x, 0.0, 1.0); }

}  // namespace

double normal_upper(double z) { return 0.5 * std::erfc(z / std::numbers::sqrt2); }

double normal_score_of_upper(double p) {
  return std::numbers::sqrt2 * boost::math::erfc_inv(2 * std::clamp(p, 1e-300, 1.0 - 1e-16), kQuiet);
}

double student_upper(double t, double degrees_of_freedom) {
  const boost::math::students_t_distribution<double, Quiet> distribution(degrees_of_freedom);
  return share(boost::math::cdf(boost::math::complement(distribution, t)));
}

double student_score_of_upper(double p, double degrees_of_freedom) {
  const boost::math::students_t_distribution<double, Quiet> distribution(degrees_of_freedom);
  return boost::math::quantile(boost::math::complement(distribution, p));
}

double chi_squared_upper(double x, double degrees_of_freedom) {
  return x > 0 ? gamma_upper(x / 2, degrees_of_freedom / 2) : 1.0;
}

double fisher_upper(double x, double numerator, double denominator) {
  if (!(x > 0)) return 1.0;
  // P(F > x) = I_{d2 / (d2 + d1 x)}(d2 / 2, d1 / 2)
  return beta_lower(denominator / (denominator + numerator * x), denominator / 2, numerator / 2);
}

double beta_lower(double x, double a, double b) { return share(boost::math::ibeta(a, b, share(x), kQuiet)); }
double beta_upper(double x, double a, double b) { return share(boost::math::ibetac(a, b, share(x), kQuiet)); }
double beta_quantile(double p, double a, double b) { return share(boost::math::ibeta_inv(a, b, p, kQuiet)); }
double gamma_lower(double x, double shape) { return x > 0 ? share(boost::math::gamma_p(shape, x, kQuiet)) : 0.0; }
double gamma_upper(double x, double shape) { return x > 0 ? share(boost::math::gamma_q(shape, x, kQuiet)) : 1.0; }
double gamma_quantile(double p, double shape) { return boost::math::gamma_p_inv(shape, p, kQuiet); }

double log_gamma(double x) {
  int sign = 0;
  return ::lgamma_r(x, &sign);
}

}  // namespace tidewatch
