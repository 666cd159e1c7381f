#pragma once

#include <cstddef>
#include <span>

namespace tidewatch {

/// The level of one period (a day); `variance` is that of chance alone. variance <= 0: no data.
struct PeriodLevel {
  double value = 0;
  double variance = 0;
};

/// What is asked of ramp_fit().
struct RampQuestion {
  size_t shortest = 5;             ///< periods that a trend must have lasted
  size_t cycle = 0;                ///< periods after which the calendar repeats (7 days); 0: it does not
  double dispersion = 1;           ///< variance between periods in units of that of chance, >= 1
  double degrees_of_freedom = 30;  ///< behind the dispersion
};

/// A level that was steady and then moved on steadily until now.
struct RampFit {
  bool is_known = false;  ///< false: too few periods
  bool is_over = false;   ///< a change that has ended (a step, a slope with a plateau) explains the data better
  double p_up = 1;        ///< P(a rise this clear or clearer) when nothing changed, over all possible starts
  double p_down = 1;
  double before = 0;           ///< level before it began
  double before_error = 0;     ///< standard error of `before`
  double now = 0;              ///< level at the newest period
  size_t periods = 0;          ///< for how many it has lasted
  double newest_residual = 0;  ///< of the newest period, in standard deviations of chance (leverage taken out)
};

/// Looks for a trend in levels, oldest first: generalised likelihood ratio over every start of `level until then, slope
/// since then`, by weighted least squares. Periods share one variance by observation (their own are pooled, so that a
/// lucky day does not weigh more); calendar offsets are shrunk to 0 (a ridge of two standard deviations); outlying
/// periods are bounded (Huber, one step). The maximum over starts is paid for by Davies' bound for the
/// maximum of a Gaussian process ("Hypothesis testing when a nuisance parameter is present only under the
/// alternative", Biometrika 1987), the estimated dispersion by Student's t.
RampFit ramp_fit(std::span<const PeriodLevel> levels, const RampQuestion& question);

}  // namespace tidewatch
