#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/series/series_reader.h"
#include "detectors/decide/false_alarms.h"
#include "detectors/detect/registry.h"
#include "detectors/watch/sampling_interval.h"
#include "detectors/watch/watch.h"
#include "stream/window/calendar.h"

namespace tidewatch {

/// How plain numbers are watched.
struct SeriesWatchOptions {
  std::string detector;
  DetectorSettings settings;
  /// What the numbers are: `distribution` (any number), `sum` (counts of events, >= 0) or `distinct`.
  MeasureKind kind = MeasureKind::distribution;
  Direction direction = Direction::either;  ///< the only side that counts
  std::optional<Duration> interval;         ///< between rows; empty: as they come
  std::string time_zone = "UTC";            ///< of hours and weekdays
  std::vector<Holiday> holidays;            ///< there
};

/// What is said of a row.
struct SeriesScore {
  /// [0, 1]: surprise / (surprise + what an alert needs), so 0.5 is where the default budget of false alarms would
  /// alert. 0 while the detector warms up and where there is nothing to judge.
  double anomaly_score = 0;
  double surprise = 0;  ///< bits
  double expected = 0;
  double effect = 0;             ///< (value - expected) / expected
  bool is_judged = false;        ///< the score counts
  bool has_expectation = false;  ///< expected and effect say something
};

/// A detector at work on the rows of a series, as the engine has it at work on windows: scored, then decided by an
/// alert's lifecycle, then learnt. A row is a window. A detector of one series runs on each column by itself; the most
/// surprising one counts, less the bits of the choice (Bonferroni).
class SeriesWatch {
 public:
  /// Errors: `unknown_detector` and `unknown_key`, with the nearest name; `bad_value`; `bad_time_zone`.
  static Result<SeriesWatch> make(const SeriesWatchOptions& options, size_t columns);

  /// In the order of the rows; what it says of one depends on none after it. Pre: as many values as columns.
  SeriesScore judge(const SeriesRow& row);

 private:
  struct Columns {
    Watch watch;
    std::vector<size_t> columns;
  };
  SeriesWatch(SeriesWatchOptions options, Calendar calendar)
      : options_(std::move(options)), calendar_(std::move(calendar)) {}
  Watched judge(Columns& watched, const SeriesRow& row, Window& window);

  SeriesWatchOptions options_;
  Calendar calendar_;
  std::vector<Columns> watched_;
  SamplingInterval interval_;
  std::vector<Observation> observations_;  ///< of one row; kept for its memory
};

}  // namespace tidewatch
