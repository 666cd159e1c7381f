// One-step-ahead and day-ahead forecasts of detectors/baseline for tests/bench/baselines_bench.py.
//
// Usage: baselines_bench KIND WIDTH_SECONDS [HOLIDAY...] < SERIES > FORECASTS
// SERIES: lines `epoch seconds,value`, ascending; an empty value is a missing window. FORECASTS, a line for each of
// them: expected, low and high as known one window before, then the same as known at the last midnight (UTC), all in
// the measure's units and empty while nothing is known. The last line is `cost,<processor nanoseconds by window>`, of
// a pass without day-ahead forecasts.

#include <charconv>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <iostream>
#include <string>
#include <vector>

#include "detectors/core/verdict.h"
#include "detectors/decide/false_alarms.h"
#include "detectors/detect/predictive.h"
#include "detectors/detect/series.h"
#include "detectors/watch/plain_value.h"
#include "stream/window/calendar.h"

namespace tidewatch {
namespace {

constexpr int64_t kDaySeconds = 86400;

struct Row {
  int64_t epoch_seconds = 0;
  SeasonSlot slot{};  ///< computed once for all series of a service, so no part of a series' cost
  double value = std::nan("");
};

struct Forecast {
  bool known = false;
  double expected = 0;
  Interval interval{};
};

/// A series as a detector with the default parameters and the default budget of false alarms reads and learns it.
class Forecaster {
 public:
  Forecaster(MeasureKind kind, Duration width) : kind_(kind), width_(width) {}

  /// `ahead`: windows after the last one learnt.
  Forecast forecast(SeasonSlot slot, double ahead) const {
    const Observation any = plain_value(kind_, 1);
    const Prediction prediction = series_.baseline().forecast(params_, any, slot, ahead);
    if (!prediction.known) return {};
    return {true, prediction.expected, predictive_interval(prediction, any)};
  }

  void learn(const Row& row) {
    const Observation seen = plain_value(kind_, row.value);
    Window window;
    window.width = width_;
    window.season = row.slot;
    Decision decision;
    if (const auto reading = series_.read(params_, seen, window.season)) {
      const bool is_surprising =
          surprise_of(reading->tail.p_value(Direction::either)) > threshold_bits(FalseAlarmBudget{}, width_);
      decision.anomalous = series_.warm(params_) && is_surprising &&
                           std::abs(relative_effect(seen.value, reading->prediction.expected)) > 0.1;
    }
    series_.learn(params_, seen, window, decision);
  }

 private:
  MeasureKind kind_;
  Duration width_;
  BaselineParams params_{};
  Series series_;
};

std::vector<Row> read_rows(std::istream& in, const Calendar& calendar) {
  std::vector<Row> out;
  for (std::string line; std::getline(in, line);) {
    Row row;
    const char* end = line.data() + line.size();
    const auto time = std::from_chars(line.data(), end, row.epoch_seconds);
    if (time.ec != std::errc{} || time.ptr == end || *time.ptr != ',') {
      std::fprintf(stderr, "baselines_bench: cannot read \"%s\"\n", line.c_str());
      std::exit(2);
    }
    if (time.ptr + 1 != end) std::from_chars(time.ptr + 1, end, row.value);
    row.slot = calendar.slot(Timestamp(std::chrono::seconds(row.epoch_seconds)));
    out.push_back(row);
  }
  return out;
}

void print(const Forecast& forecast) {
  if (forecast.known)
    std::printf("%.9g,%.9g,%.9g", forecast.expected, forecast.interval.low, forecast.interval.high);
  else
    std::printf(",,");
}

double nanoseconds_by_window(const std::vector<Row>& rows, const Forecaster& fresh) {
  constexpr int kPasses = 5;
  double sum = 0;  // printed, so that nothing is optimised away
  const std::clock_t start = std::clock();
  for (int pass = 0; pass < kPasses; ++pass) {
    Forecaster forecaster = fresh;
    for (const Row& row : rows) {
      sum += forecaster.forecast(row.slot, 1).expected;
      forecaster.learn(row);
    }
  }
  const double spent = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  std::fprintf(stderr, "sum of forecasts %g\n", sum);
  return spent * 1e9 / kPasses / static_cast<double>(rows.size());
}

void print_forecasts(const std::vector<Row>& rows, const Forecaster& fresh) {
  Forecaster forecaster = fresh;
  std::vector<Forecast> day_ahead(rows.size());
  size_t forecast_until = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (i == forecast_until) {
      const int64_t day = rows[i].epoch_seconds / kDaySeconds;
      for (; forecast_until < rows.size() && rows[forecast_until].epoch_seconds / kDaySeconds == day; ++forecast_until)
        day_ahead[forecast_until] =
            forecaster.forecast(rows[forecast_until].slot, static_cast<double>(forecast_until - i + 1));
    }
    print(forecaster.forecast(rows[i].slot, 1));
    std::printf(",");
    print(day_ahead[i]);
    std::printf("\n");
    forecaster.learn(rows[i]);
  }
}

}  // namespace
}  // namespace tidewatch

int main(int argc, char** argv) {
  using namespace tidewatch;
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const auto kind = arguments.size() >= 2 ? measure_kind(arguments[0]) : std::nullopt;
  const int width_s = arguments.size() >= 2 ? std::atoi(arguments[1].c_str()) : 0;
  std::vector<Holiday> holidays;
  bool is_readable = kind && width_s > 0;
  for (size_t i = 2; i < arguments.size() && is_readable; ++i) {
    const auto holiday = parse_holiday(arguments[i]);
    is_readable = static_cast<bool>(holiday);
    if (holiday) holidays.push_back(*holiday);
  }
  if (!is_readable) {
    std::fprintf(stderr, "usage: baselines_bench KIND WIDTH_SECONDS [HOLIDAY...] < SERIES > FORECASTS\n");
    return 2;
  }
  std::ios::sync_with_stdio(false);
  const std::vector<Row> rows = read_rows(std::cin, Calendar::open("UTC", holidays).value());
  const Forecaster fresh(*kind, std::chrono::seconds(width_s));
  print_forecasts(rows, fresh);
  std::printf("cost,%.1f\n", nanoseconds_by_window(rows, fresh));
  return 0;
}
