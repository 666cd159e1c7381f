#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "detectors/core/bytes.h"
#include "detectors/core/result.h"
#include "detectors/core/verdict.h"

namespace tidewatch {

/// What the surprise of one watcher is worth, learnt from its own past: detectors claim bits of a p-value under their
/// null model, and series that are bursty or heavy-tailed exceed high claims more often than that. calibrated() turns
/// claimed bits into bits by which the budget of false alarms holds.
///
/// Peaks over thresholds (Pickands 1975; Davison & Smith 1990): windows in a row beyond 5 bits are one episode, of
/// which the peak counts. The rate of episodes, and the rate at which peaks end on their way up from 5, from 8 and from
/// 12 bits (a tail that is exponential piece by piece; Friedman 1982), have conjugate gamma priors and are forgotten
/// with a half-life of 12,096 windows (six weeks of 5 min). The prior is the claim itself, for a higher piece what the
/// one below it showed; posterior means count, not a predictive tail: what is not known yet asks for nothing more, so
/// in its first days a watcher alerts at what its detector claims.
///
/// 2^-calibrated is a rate of episodes by window, as an alert is an episode. Never more bits than were claimed: a past
/// that was very quiet is no reason to alert earlier. Below 5 bits it is proportional.
///
/// An episode that goes as far as an alert needs is censored there: that it went so far is learnt, and no more, however
/// surprising it was and for however many days its alert stays open; another one within 288 windows tells nothing new.
/// So an incident makes its own watcher more demanding, by some bits that are bounded and forgotten, and no other
/// watcher at all.
///
/// 44 bytes. What it says depends on the calls made to it, and on nothing else.
class SurpriseCalibration {
 public:
  double calibrated(double claimed) const;  ///< bits, at most `claimed`; continuous, never falling
  void apply(Verdict& verdict) const;       ///< surprise and contributions, from claimed to calibrated bits

  /// A window that was scored and decided. `needed`: calibrated bits that an alert needs. `is_firing`: its alert is
  /// open after this window.
  void learn(double claimed, double needed, bool is_firing);

  void save(ByteWriter& out) const;
  Status load(ByteReader& in);  ///< errors: `unknown_version`, `corrupt`; then nothing has changed

 private:
  static constexpr size_t kPieces = 3;
  struct Piece {
    float ended = 0;  ///< peaks that ended within it
    float risen = 0;  ///< bits that all peaks rose within it
  };
  void end_episode();
  void count_episode();
  void forget();

  float windows_ = 0;
  float episodes_ = 0;
  std::array<Piece, kPieces> pieces_{};
  float peak_ = 0;              ///< claimed bits of the episode so far, at most what an alert needs; 0: none is open
  bool is_censored_ = false;    ///< it went further
  uint16_t same_incident_ = 0;  ///< windows left in which another alert belongs to the last one
};

}  // namespace tidewatch
