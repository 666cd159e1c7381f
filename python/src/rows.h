#pragma once

#include <cstdint>

#include "detectors/core/window.h"

namespace tidewatch::python {

// Rows of numpy's structured arrays. The names of the members are the names of the fields.

/// What is known of one window of one measure.
struct ObservationRow {
  double value;
  double variance;
  double n;
  double successes;
  double trials;
  double events;
};

/// When a window was.
struct WindowRow {
  int64_t start;  ///< nanoseconds since 1970
  int64_t width;  ///< nanoseconds; 0: as the rows come
  uint8_t hour;   ///< local
  uint8_t weekday;
  uint8_t holiday;
};

/// What was said of one window.
struct VerdictRow {
  int64_t start;  ///< nanoseconds since 1970
  int64_t width;  ///< nanoseconds
  double value;
  double expected;
  double low;
  double high;
  double effect;
  double effect_absolute;
  double surprise;  ///< bits
  double needed;    ///< bits that an alert needed
  double score;     ///< anomaly_score(); 0 unless scored
  int32_t observation;
  uint32_t since_windows;
  int8_t direction;  ///< 1 up, -1 down, 0 either
  uint8_t judgement;
  bool is_anomalous;
  bool is_firing;
  bool is_limit;  ///< a limit of people: `needed` is the detector's, and no effect is asked
};

/// What a baseline expects of one window.
struct ExpectationRow {
  double expected;
  double low;
  double high;
  double sampling_variance;
  double level_variance;
  double process_variance;
  bool is_known;
};

}  // namespace tidewatch::python
