#pragma once

#include <optional>

#include "detectors/baseline/baseline.h"
#include "detectors/detect/detector.h"
#include "detectors/detect/tail.h"

namespace tidewatch {

/// One observation measured against its baseline.
struct Reading {
  Prediction prediction;
  Tail tail;
  double score = 0;  ///< tail as a standard normal score, positive above what was expected
};

/// A watched series inside a detector: its baseline, read and learnt so that extreme windows have bounded influence.
class Series {
 public:
  /// Nothing when the observation is missing, not finite, of a kind that has no predictive law, or when nothing was
  /// learnt yet.
  std::optional<Reading> read(const BaselineParams& params, const Observation& seen, SeasonSlot slot) const;
  /// The baseline's expectation alone, with the sampling size of `size_of`.
  Prediction predict(const BaselineParams& params, const Observation& size_of, SeasonSlot slot) const {
    return baseline_.predict(params, size_of, slot);
  }
  /// `reading`: what read() says of `seen`. True when the baseline took a new level as normal: what was gathered
  /// against the old one is void.
  bool learn(const BaselineParams& params, const Observation& seen, const std::optional<Reading>& reading,
             const Window& window, const Decision& decision);
  bool learn(const BaselineParams& params, const Observation& seen, const Window& window, const Decision& decision) {
    return learn(params, seen, read(params, seen, window.season), window, decision);
  }

  /// The same with weights of the caller's own.
  bool learn(const BaselineParams& params, const Observation& seen, const Window& window, Lesson lesson) {
    return baseline_.learn(params, seen, window.season, window.width, lesson);
  }

  /// Rates and statistics of distributions; an amount of one series is none of another.
  const Baseline* lent(const BaselineParams& params) const;
  void borrow(const BaselineParams& params, const Baseline& relative, double between) {
    baseline_.borrow(params, relative, between);
  }
  std::optional<uint32_t> borrowing(const BaselineParams& params) const { return baseline_.borrowing(params); }

  bool warm(const BaselineParams& params) const { return baseline_.warm(params); }
  const Baseline& baseline() const { return baseline_; }
  size_t memory_bytes() const { return baseline_.memory_bytes(); }
  void save(ByteWriter& out) const { baseline_.save(out); }
  Status load(ByteReader& in);  ///< errors: `unknown_version`, `corrupt`; then nothing has changed

 private:
  Baseline baseline_;
};

/// Fills expected and interval of a verdict on a window without data: level and season, and how far windows with any
/// amount of data lie around them. Nothing while nothing was learnt.
void describe_missing(Verdict& verdict, const Series& series, const BaselineParams& params, const Observation& missing,
                      SeasonSlot slot);

/// The weight in [0, 1] that a window is learnt with: little where it was judged anomalous.
double learning_weight(const Decision& decision);

/// Whether an observation can be scored at all.
bool is_usable(const Observation& seen);

/// Fills value, expected, interval, direction and effects of a verdict, all within the domain of the measure. Surprise
/// and judgement are the detector's.
void describe(Verdict& verdict, const Prediction& prediction, const Observation& seen);

/// Compares another value than that of the window with what describe() said is expected: a level since a change.
void compare(Verdict& verdict, double value, const Observation& seen);

/// What the kind of the observation and its own domain allow.
Domain domain_of(const Observation& seen);

/// (value - expected) / |expected|, bounded to ±1e6 where nothing was expected.
double relative_effect(double value, double expected);

}  // namespace tidewatch
