#include "app/series/series_watch.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "detectors/watch/plain_value.h"

namespace tidewatch {
namespace {

/// The first rows have nothing to be compared with.
bool has_expectation(const Verdict& verdict) {
  return verdict.judgement == Judgement::scored || verdict.expected != 0 ||
         verdict.expected_low != verdict.expected_high;
}

}  // namespace

Result<SeriesWatch> SeriesWatch::make(const SeriesWatchOptions& options, size_t columns) {
  auto calendar = Calendar::open(options.time_zone, options.holidays);
  if (!calendar) return calendar.error();
  SeriesWatch out(options, std::move(calendar).value());
  const auto known = find_detector(options.detector);
  if (!known) return known.error();
  if (auto fits = check_kind(options.detector, options.kind); !fits) return fits.error();
  const bool is_together = (*known)->is_multivariate;
  for (size_t i = 0; i < (is_together ? 1 : columns); ++i) {
    std::vector<size_t> watched;
    for (size_t column = is_together ? 0 : i; column < (is_together ? columns : i + 1); ++column)
      watched.push_back(column);
    auto detector = make_detector(options.detector, options.settings, watched.size());
    if (!detector) return detector.error();
    out.watched_.push_back({Watch(std::move(detector).value()), std::move(watched)});
  }
  return Result<SeriesWatch>(std::move(out));
}

Watched SeriesWatch::judge(Columns& watched, const SeriesRow& row, Window& window) {
  observations_.clear();
  for (const size_t column : watched.columns) observations_.push_back(plain_value(options_.kind, row.values[column]));
  window.observations = observations_;
  AlertRule rule;
  rule.name = options_.detector;
  rule.needs = {threshold_bits(FalseAlarmBudget{}, window.width), 0, 0};
  return watched.watch.judge(window, {options_.direction, {}}, rule, "series");
}

SeriesScore SeriesWatch::judge(const SeriesRow& row) {
  Window window;
  window.start = row.time;
  const Duration distance = interval_.next(row.time);
  window.width = options_.interval.value_or(distance);
  window.season = calendar_.slot(row.time);
  SeriesScore out;
  const double choice = std::log2(static_cast<double>(watched_.size()));
  bool is_first_done = false;
  for (Columns& columns : watched_) {
    const Watched seen = judge(columns, row, window);
    const Verdict& verdict = seen.verdict;
    if (verdict.judgement == Judgement::missing) continue;
    const double surprise = std::max(0.0, verdict.surprise - choice);
    const bool is_scored = verdict.judgement == Judgement::scored;
    if (is_first_done && (is_scored < out.is_judged || surprise <= out.surprise)) continue;
    is_first_done = true;
    const double score = is_scored ? anomaly_score(surprise, seen.needs) : 0;
    out = {score, surprise, verdict.expected, verdict.effect, is_scored, has_expectation(verdict)};
  }
  return out;
}

}  // namespace tidewatch
