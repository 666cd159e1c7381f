#pragma once

namespace tidewatch {

// The distribution functions the tails are made of (Boost.Math in double precision, no exceptions; kept in one source
// file because its headers are slow to compile). Upper tails are computed as such: accurate to 1e-290.

double normal_upper(double z);           ///< P(Z > z)
double normal_score_of_upper(double p);  ///< z with P(Z > z) = p; p in (0, 1)
double student_upper(double t, double degrees_of_freedom);
double student_score_of_upper(double p, double degrees_of_freedom);
double chi_squared_upper(double x, double degrees_of_freedom);
double fisher_upper(double x, double numerator, double denominator);  ///< degrees of freedom
double beta_lower(double x, double a, double b);
double beta_upper(double x, double a, double b);
double beta_quantile(double p, double a, double b);
double gamma_lower(double x, double shape);  ///< scale 1
double gamma_upper(double x, double shape);
double gamma_quantile(double p, double shape);
double log_gamma(double x);  ///< x > 0; unlike std::lgamma without a global

}  // namespace tidewatch
