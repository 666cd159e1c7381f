#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "detectors/core/params.h"
#include "detectors/detect/detector.h"
#include "detectors/detect/noncentral_hypergeometric.h"

namespace tidewatch {

struct ContrastParams {
  double tolerance = 0.1;      ///< relative difference of the odds
  double bound = 10;           ///< bits
  uint32_t adapt_after = 288;  ///< windows

  static constexpr auto table() {
    return params(field("tolerance", &ContrastParams::tolerance, range(0, 10),
                        "difference from the siblings that is of no account: of the odds, relative to theirs"),
                  field("bound", &ContrastParams::bound, range(1, 1000), "most that one window counts", "bits"),
                  field("adapt_after", &ContrastParams::adapt_after, range(2, 1e6),
                        "windows after which a difference that stays is taken as normal", "windows"));
  }
};

/// A series against its siblings (a canary against the other variants) in the same windows: what both have in common,
/// the hour, the users, a slow provider, is no difference. Nothing has to be learnt before, so a new series is judged
/// from its first request on.
///
/// Each window is a stratum of two groups, own and siblings', with the marks that fall into them: the successes of a
/// rate; of a distribution the values above a cut that is chosen from all of them together (Mood's median test, 1954,
/// and the same at other quantiles or the mean), which holds whatever the law of the values is. Given sizes and marks
/// in all, the own marks follow Fisher's noncentral hypergeometric law of the odds ratio alone (Cochran-Mantel-Haenszel
/// conditioning), so that a rate that changes from window to window changes nothing.
///
/// For each of a few odds ratios beyond the tolerance, the likelihood ratio of a window against the odds ratio at the
/// tolerance has a mean of at most 1 wherever the truth is within (monotone likelihood ratio): it is an e-value.
/// A CUSUM multiplies them up, W <- max(1, W)·e, and P(W >= c) <= 1/c in any one window by Ville's inequality for the
/// same products read backwards (an e-detector: Shin, Ramdas & Rinaldo, 2023). Surprise is log2 of the largest W, less
/// log2 of how many odds ratios are tried: however long one looks, b bits are seen in at most a share 2^-b of the
/// windows, and of N series of T windows at most N·T·2^-b ever show them. Evidence is divided by how much more the
/// marks vary than draws would (a session that is refused five times is not five accidents), learnt from windows
/// before. A difference that has ended is noticed by a likelihood ratio of none against the one so far, and W starts
/// anew.
class Contrast final : public Detector {
 public:
  using Params = ContrastParams;
  static constexpr bool kJudgesFew = true;
  static constexpr bool kComparesSiblings = true;
  Contrast(const Params& params, size_t observations) : params_(params) { static_cast<void>(observations); }

  /// `value` is the level since the difference began (of this window when there is none), `expected` that of the
  /// siblings in the same windows, each window counting as much as there is of the series itself. `missing` without
  /// data of either, or where there is no rate and no distribution.
  Verdict score(const Window& window, const Context& context) const override;
  void learn(const Window& window, const Decision& decision) override;
  bool warm() const override { return true; }
  size_t memory_bytes() const override { return sizeof(Contrast); }
  void save(ByteWriter& out) const override;
  Status load(ByteReader& in) override;

 private:
  /// One window: two groups, and the value of each.
  struct Stratum {
    NoncentralHypergeometric law;
    double own = 0;
    double value = 0;
    double others_value = 0;
    double over = 0;   ///< Mantel & Haenszel's (own marks × others without) / all, and the reverse: their sums'
    double under = 0;  ///< ratio estimates the odds ratio
    bool is_rate = false;
  };
  static std::optional<Stratum> stratum_of(const Window& window);

  /// The CUSUM of one odds ratio.
  struct Run {
    double evidence = 0;  ///< ln W
    double back = 0;      ///< evidence that the difference is over, in nats
    double windows = 0;   ///< with or without data
    double own = 0;       ///< observations
    double values = 0;    ///< Σ own·value
    double others = 0;    ///< Σ own·(siblings' value)
    double over = 0;
    double under = 0;
    double variance = 0;  ///< of the number of own marks
    double log_odds() const;
    void take(double log_ratio, double log_ratio_back, const Stratum& seen, double variance_seen);
    void pass() { windows += evidence > 0 ? 1 : 0; }
  };
  static constexpr size_t kRatios = 5;
  using Side = std::array<Run, kRatios>;

  /// Both sides after a window; `weight` in [0, 1] of its evidence.
  void take(Side& up, Side& down, const Stratum& seen, double weight) const;
  double dispersion() const;
  double estimate() const;  ///< log odds ratio lately
  void learn_dispersion(const Stratum& seen, double weight);
  void adapt(bool is_confirmed);
  void describe(Verdict& verdict, const Stratum& seen, const Run& run) const;

  Params params_;
  Side up_;
  Side down_;
  double habit_ = 0;      ///< log odds ratio that is normal here
  double different_ = 0;  ///< windows with a clear difference
  double over_ = 0;       ///< as in Run, of late
  double under_ = 0;
  double squares_ = 0;    ///< (own marks - their mean)², of late
  double variances_ = 0;  ///< what they would be by chance
};

}  // namespace tidewatch
