#include "app/series/series_watch.h"

#include <algorithm>
#include <cmath>
#include <utility>

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
    Watched one;
    for (size_t column = is_together ? 0 : i; column < (is_together ? columns : i + 1); ++column)
      one.columns.push_back(column);
    auto detector = make_detector(options.detector, options.settings, one.columns.size());
    if (!detector) return detector.error();
    one.detector = std::move(detector).value();
    out.watched_.push_back(std::move(one));
  }
  return Result<SeriesWatch>(std::move(out));
}

AlertRule SeriesWatch::rule_of(const Detector& detector, Duration width) const {
  AlertRule rule;
  rule.name = options_.detector;
  rule.needs = detector.alert_needs({threshold_bits(FalseAlarmBudget{}, width), 0, 0});
  return rule;
}

Observation SeriesWatch::observation_of(double value) const {
  Observation out;
  out.kind = options_.kind;
  if (!std::isfinite(value)) return out;
  out.value = value;
  out.n = 1;
  // A sum counts events of size one. Of the others this is all that is known: their variation is learnt, not sampled.
  if (options_.kind == MeasureKind::sum) {
    out.n = out.events = out.variance = value;
    if (value == 0) out.n = 1;
  }
  return out;
}

Verdict SeriesWatch::judge(Watched& watched, const SeriesRow& row, Window& window) {
  observations_.clear();
  for (const size_t column : watched.columns) observations_.push_back(observation_of(row.values[column]));
  window.observations = observations_;
  Verdict verdict = watched.detector->score(window, {options_.direction, {}});
  const AlertRule rule = rule_of(*watched.detector, window.width);
  watched.lifecycle.step(rule, "series", window.start, window.width, verdict);
  watched.detector->learn(window, watched.lifecycle.decision());
  return verdict;
}

SeriesScore SeriesWatch::judge(const SeriesRow& row) {
  Window window;
  window.start = row.time;
  const Duration seen = interval_.next(row.time);
  window.width = options_.interval.value_or(seen);
  window.season = calendar_.slot(row.time);
  SeriesScore out;
  const double choice = std::log2(static_cast<double>(watched_.size()));
  bool is_first_done = false;
  for (Watched& watched : watched_) {
    const Verdict verdict = judge(watched, row, window);
    if (verdict.judgement == Judgement::missing) continue;
    const double surprise = std::max(0.0, verdict.surprise - choice);
    const bool is_scored = verdict.judgement == Judgement::scored;
    if (is_first_done && (is_scored < out.is_judged || surprise <= out.surprise)) continue;
    is_first_done = true;
    const double needed = std::max(rule_of(*watched.detector, window.width).needs.surprise, 1e-9);
    const double score = is_scored ? surprise / (surprise + needed) : 0;
    out = {score, surprise, verdict.expected, verdict.effect, is_scored, has_expectation(verdict)};
  }
  return out;
}

}  // namespace tidewatch
