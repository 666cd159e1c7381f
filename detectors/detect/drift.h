#pragma once

#include <vector>

#include "detectors/core/params.h"
#include "detectors/detect/composition.h"
#include "detectors/detect/detector.h"
#include "detectors/detect/period_clock.h"

namespace tidewatch {

struct DriftParams {
  Duration period = std::chrono::hours(1);
  double half_life = 168;
  uint32_t warm_up = 24;
  uint32_t adapt_after = 48;
  double least = 100;

  static constexpr auto table() {
    return params(field("period", &DriftParams::period, range(60, 31 * 86400.0),
                        "windows are gathered into periods of this length, whose composition is judged when they end"),
                  field("half_life", &DriftParams::half_life, range(8, 1e5),
                        "periods until what was learnt of the usual composition counts half", "periods"),
                  field("warm_up", &DriftParams::warm_up, range(4, 1e5),
                        "periods with data before the detector may alert", "periods"),
                  field("adapt_after", &DriftParams::adapt_after, range(2, 1e5),
                        "deviating periods in a row after which the new composition is taken as normal", "periods"),
                  field("least", &DriftParams::least, range(10, 1e9), "observations that a period needs to be judged",
                        "observations"));
  }
};

/// Another composition than usual: finish reasons, tools, languages; or another distribution: lengths of questions,
/// tokens, scores. Watches Observation::categories, which of a distribution are classes of values; a distribution
/// without them is one value, the window's. Other kinds are `missing`.
///
/// When a period ends, its counts are compared with the forgetting sum of those before by the G-test of
/// homogeneity (composition.h). Compositions vary from hour to hour by more than chance, and more visibly the more is
/// counted: the variance of a period of N is 1 + N d² in units of chance (Dirichlet-multinomial), with d² learnt from
/// all periods by the method of moments. (The statistic is 2 N times the Jensen-Shannon divergence of the two, N of
/// both, weighted by their sizes; PSI with a fixed limit knows neither N nor d².) Surprise is the F tail of chi² / (df
/// (1 + N d²)), stays until the next period ends, and is that of a change in any category: direction `down` never
/// counts.
class Drift final : public Detector {
 public:
  using Params = DriftParams;
  static constexpr bool kWatchesCategories = true;
  static constexpr bool kJudgesFew = true;
  Drift(const Params& params, size_t observations);

  /// `value`: share of the observations that changed category (total variation distance between the last period and
  /// the usual composition), `expected`: what it is by chance and usual variation. `categories` names what moved.
  Verdict score(const Window& window, const Context& context) const override;
  void learn(const Window& window, const Decision& decision) override;
  bool warm() const override { return periods_ >= params_.warm_up; }
  size_t memory_bytes() const override;
  void save(ByteWriter& out) const override;
  Status load(ByteReader& in) override;

 private:
  void end_period();
  double dispersion(double sample) const;

  Params params_;
  PeriodClock clock_;
  CategoryCounts usual_;
  CategoryCounts filling_;
  double excess_ = 0;       ///< sum of chi² - df
  double exposure_ = 0;     ///< sum of df N: excess / exposure is d²
  double freedom_ = 0;      ///< sum of df
  uint32_t periods_ = 0;    ///< learnt
  uint32_t deviating_ = 0;  ///< in a row up to the newest
  Verdict judged_;          ///< of the last period that ended
};

}  // namespace tidewatch
