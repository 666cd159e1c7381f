#pragma once

#include <array>
#include <cstdint>

#include "detectors/core/params.h"
#include "detectors/detect/detector.h"
#include "detectors/detect/novelty/views.h"
#include "detectors/sketch/centroids.h"

namespace tidewatch {

struct NoveltyParams {
  uint32_t warm_up = 100;            ///< windows
  uint32_t level_windows = 40;       ///< windows
  uint32_t roughness_windows = 100;  ///< windows
  uint32_t block = 100;              ///< windows
  uint32_t episode = 100;            ///< windows; 0: none
  uint32_t memory = 20000;           ///< windows

  static constexpr auto table() {
    return params(
        field("warm_up", &NoveltyParams::warm_up, range(20, 1e5), "windows with data before the detector may alert",
              "windows"),
        field("level_windows", &NoveltyParams::level_windows, range(2, 200), "windows that make a level", "windows"),
        field("roughness_windows", &NoveltyParams::roughness_windows, range(2, 400),
              "windows over which it is seen how much neighbours differ", "windows"),
        field("block", &NoveltyParams::block, range(10, 1e4),
              "windows of which the most unusual one is usual: what a series does once in so many is no news",
              "windows"),
        field("episode", &NoveltyParams::episode, range(0, 1e5),
              "windows after an alarm (at least 2 % of the series' age) that belong to it unless they are more unusual "
              "by a quarter; 0 judges every window by itself",
              "windows"),
        field("memory", &NoveltyParams::memory, range(1000, 1e6), "windows after which everything learnt counts half",
              "windows"));
  }
};

/// For series of which nothing is known: values, levels or roughness that the series has hardly ever shown.
///
/// Each view of a window (views.h) has its rarity in bits among all that was seen before (rarity.h); their mean is how
/// unusual the window is. How unusual is unusual differs by series, so it is compared with the mean of the most unusual
/// windows of each block so far (block maxima, as in extreme value theory; shrunk to a prior while there are few).
/// Below that, surprise is the window's rank among all before (a conformal p-value: Vovk, Gammerman & Shafer 2005;
/// Laxhammar & Falkman 2014); above, it grows with the distance, on the exponential tail that is the limit law of such
/// maxima. What follows an alarm is an episode: more of the same has at most one bit more than a usual block maximum.
/// From the tenth window of the warm-up on surprise is a first guess, for ranking and display.
///
/// Takes the first observation of a window as a plain number, whatever its kind, and knows nothing of its sampling
/// error: `point` does. Everything is learnt, anomalous or not: what has happened before is less novel.
class Novelty final : public Detector {
 public:
  using Params = NoveltyParams;
  Novelty(const Params& params, size_t observations);

  Verdict score(const Window& window, const Context& context) const override;
  void learn(const Window& window, const Decision& decision) override;
  bool warm() const override { return rows_ >= params_.warm_up; }
  bool claims_chance() const override { return false; }
  size_t memory_bytes() const override { return sizeof(Novelty) + views_.memory_bytes(); }
  void save(ByteWriter& out) const override;
  Status load(ByteReader& in) override;

 private:
  double unusualness(const ViewOf& seen) const;
  /// Whether a window so far above the usual block maximum is news rather than part of the episode.
  bool is_news(double excess) const;
  double surprise(double unusual) const;
  void describe(Verdict& verdict, const ViewOf& seen, double value) const;
  void learn_block(double unusual);
  bool load_parts(ByteReader& in);

  Params params_;
  Views views_;
  std::array<CentroidHistogram, kViews> seen_;  ///< of each view
  CentroidHistogram unusual_;                   ///< of windows since the first that was ranked
  double rows_ = 0;
  double usual_maximum_;   ///< mean of block maxima
  double blocks_;          ///< behind it, the prior included
  double block_most_ = 0;  ///< of the block under way
  double block_rows_ = 0;  ///< windows in it
  double alarm_at_ = -1;   ///< rows_ at the last news; -1: none yet
  double alarm_excess_ = 0;
};

}  // namespace tidewatch
