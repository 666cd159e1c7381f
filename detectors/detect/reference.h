#pragma once

#include "detectors/detect/series.h"

namespace tidewatch {

struct ReferenceParams {
  double tolerance = 0.1;         ///< relative to the reference
  double tolerance_absolute = 0;  ///< in the measure's units
  double half_life = 864;         ///< windows; of the spread between windows
  bool season = true;
  uint32_t warm_up = 12;     ///< windows
  double min_spread = 0.02;  ///< standard deviation, relative

  static constexpr auto table() {
    return params(field("tolerance", &ReferenceParams::tolerance, range(0, 10),
                        "difference from the reference that is of no account, relative to it"),
                  field("tolerance_absolute", &ReferenceParams::tolerance_absolute, range(0, 1e12),
                        "the same in the measure's units; the larger of the two counts", "the measure's"),
                  field("half_life", &ReferenceParams::half_life, range(8, 1e6),
                        "windows until what was learnt of the spread between windows counts half", "windows"),
                  field("season", &ReferenceParams::season, any_value(),
                        "leave the hour of the week out of the spread between windows"),
                  field("warm_up", &ReferenceParams::warm_up, range(4, 1e6),
                        "windows with data before the detector may alert", "windows"),
                  field("min_spread", &ReferenceParams::min_spread, range(0, 1),
                        "smallest natural variation between windows that is believed, relative to the level"));
  }
  BaselineParams baseline() const;
};

/// A window against a fixed reference: what a test set, or a run of it, showed (Context::reference). The level of
/// production is not learnt from, so a change that production has long got used to is still seen.
///
/// Null model: the true level lies anywhere within the tolerance around the reference. The p-value is the predictive
/// tail of the measure's kind (predictive.h) at the nearest end of the tolerance, which is the largest over all levels
/// within (an interval null hypothesis, as in tests of equivalence: Schuirmann 1987). Its variance has three parts: the
/// sampling error of the window, that of the reference, and the natural variation between windows, which is learnt from
/// production around production's own level. Rates and statistics of distributions only: what a test set has of
/// volumes says nothing of production's.
///
/// `expected` is the reference; the interval is what a window shows within the tolerance.
class Reference final : public Detector {
 public:
  using Params = ReferenceParams;
  static constexpr bool kComparesReference = true;
  Reference(const Params& params, size_t observations) : params_(params.baseline()), tolerance_(params) {
    static_cast<void>(observations);
  }

  /// `missing` without data or without a reference of the same kind.
  Verdict score(const Window& window, const Context& context) const override;
  void learn(const Window& window, const Decision& decision) override;
  bool warm() const override { return series_.warm(params_); }
  bool claims_chance() const override { return false; }
  size_t memory_bytes() const override { return sizeof(Reference) - sizeof(Series) + series_.memory_bytes(); }
  void save(ByteWriter& out) const override { series_.save(out); }
  Status load(ByteReader& in) override { return series_.load(in); }

 private:
  BaselineParams params_;
  ReferenceParams tolerance_;
  Series series_;
};

/// How surely two observations of one measure differ, by the error of both and nothing else: bits, two-sided. 0 where
/// they cannot be compared.
double surprise_of_difference(const Observation& seen, const Observation& reference);

}  // namespace tidewatch
