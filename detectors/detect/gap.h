#pragma once

#include <tuple>

#include "detectors/detect/series.h"

namespace tidewatch {

struct GapParams : BaselineParams {
  double starved_below = 0.5;   ///< share of the expected volume
  double suppress_from = 10.0;  ///< bits

  static constexpr auto table() {
    return std::tuple_cat(
        BaselineParams::table(),
        params(field("starved_below", &GapParams::starved_below, range(0.01, 1),
                     "share of the expected volume below which a window is starved, and belongs to a run of such"),
               field("suppress_from", &GapParams::suppress_from, range(1, 100),
                     "surprise from which a starved window silences the quality detectors of its entity", "bits")));
  }
};

/// Telemetry that is missing or starved: far fewer events than this hour of the week brings. Watches the first
/// observation of a window: a sum (`requests`) by its value, any other measure by its n. A window without data is a
/// window of no events, which `point` cannot score.
///
/// Null model: negative binomial counts around the seasonal baseline. Starved windows in a row are also judged as one
/// long window whose natural variation is the same throughout (conservative); the run of m >= 2 windows costs
/// log2(m(m - 1)) bits, so that over all lengths it is surprising no more often than a single window. That finds the
/// silence of an entity with one request in ten windows, without an alarm for each window without one.
/// Only too little is a gap: surprise is 0 when `up` is asked for.
class Gap final : public Detector {
 public:
  using Params = GapParams;
  static constexpr bool kJudgesFew = true;
  Gap(const Params& params, size_t observations) : params_(params) { static_cast<void>(observations); }

  /// `missing` until the entity has shown data for the first time. `since_windows` is the run of starved windows before
  /// this one; `suppresses_quality` is set when the window is starved with `suppress_from` bits.
  Verdict score(const Window& window, const Context& context) const override;
  void learn(const Window& window, const Decision& decision) override;
  bool warm() const override { return series_.warm(params_); }
  size_t memory_bytes() const override { return sizeof(Gap) - sizeof(Series) + series_.memory_bytes(); }
  void save(ByteWriter& out) const override;
  Status load(ByteReader& in) override;

 private:
  /// Starved windows in a row up to the last one learnt.
  struct Run {
    uint32_t windows = 0;
    double events = 0;
    double expected_events = 0;
    double spread_events = 0;  ///< sum of expected events times the standard deviation of their logarithm
  };
  bool is_starved(const Observation& volume, const Prediction& expected) const;

  Params params_;
  Series series_;
  Run run_;
};

}  // namespace tidewatch
