#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "detectors/core/bytes.h"
#include "detectors/core/result.h"
#include "detectors/core/verdict.h"
#include "detectors/core/window.h"

namespace tidewatch {

class Baseline;

/// What is asked of a detector beyond the data.
struct Context {
  Direction direction = Direction::either;   ///< the only side that counts; the other has surprise 0
  std::span<const Direction> worse{};        ///< multivariate: the bad side of each observation; empty: either
  std::span<const Observation> reference{};  ///< what a test set showed of each observation; empty: there is none
};

/// Scores the windows of one series or group of series, in order: score() each, decide, then learn() it. Deterministic;
/// memory does not grow with the number of windows. Not thread-safe. Made by make_detector() (registry.h).
class Detector {
 public:
  Detector() = default;
  Detector(const Detector&) = delete;
  Detector& operator=(const Detector&) = delete;
  virtual ~Detector() = default;

  /// Judges a window against what was learnt before it. Missing observations (also NaN, infinite) are left out.
  virtual Verdict score(const Window& window, const Context& context) const = 0;
  virtual void learn(const Window& window, const Decision& decision) = 0;

  /// Whether enough was learnt to alert.
  virtual bool warm() const = 0;
  /// What an alert of this detector needs, given what the rule asks: a user's limit needs no budget of false alarms.
  virtual AlertNeeds alert_needs(AlertNeeds asked) const { return asked; }

  /// Whether surprise is a claim under a null model of the series' own past, which that past can put right
  /// (SurpriseCalibration, decide). Not so where people or a test set say what is normal, or where surprise already is
  /// a rank in the past.
  virtual bool claims_chance() const { return true; }

  /// What a relative that has no past may begin with: the baseline of the one series it judges, once it has a past of
  /// its own; null until then, and where nothing can be borrowed. Valid until the next learn().
  virtual const Baseline* lent() const { return nullptr; }
  /// Begins with what a relative knows, and is warm(). Pre: `relative` was lent by a detector of the same parameters;
  /// nothing was learnt yet.
  virtual void borrow(const Baseline& /*relative*/, double /*between: variance*/) {}
  /// Windows of its own, while these would not be enough without what was borrowed.
  virtual std::optional<uint32_t> borrowing() const { return std::nullopt; }

  virtual size_t memory_bytes() const = 0;
  /// State without parameters, versioned. After load() into a detector of the same name, parameters and number of
  /// observations, scores are the same to the last bit. Errors of load(): `unknown_version`, `corrupt`.
  virtual void save(ByteWriter& out) const = 0;
  virtual Status load(ByteReader& in) = 0;
};

}  // namespace tidewatch
