#include "stream/detect/messages.h"

#include <absl/strings/escaping.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "detectors/decide/ids.h"
#include "detectors/decide/why.h"
#include "detectors/detect/predictive.h"
#include "stream/detect/quality_index.h"
#include "stream/publish/timestamps.h"

namespace tidewatch {
namespace {

/// How long before an alert's start a first sight still is worth naming.
constexpr Duration kChangeReach = std::chrono::hours(1);

void fill_labels(google::protobuf::Map<std::string, std::string>& out, const Labels& labels) {
  for (const auto& [name, value] : labels) out[name] = value;
}

std::string_view name_of(Transition::Kind kind) {
  switch (kind) {
    case Transition::Kind::fired:
      return "fired";
    case Transition::Kind::escalated:
      return "escalated";
    case Transition::Kind::resolved:
      break;
  }
  return "resolved";
}

std::string_view name_of(Direction direction) {
  if (direction == Direction::either) return "either";
  return direction == Direction::up ? "up" : "down";
}

std::string_view name_of(Judgement judgement) {
  if (judgement == Judgement::scored) return "scored";
  return judgement == Judgement::warming_up ? "warming_up" : "missing";
}

void fill_evidence(v1::Alert& alert, const EntityMonitor::Closed& closed, const Judged& judged) {
  const auto& watched = judged.rule->measures[std::min(judged.verdict.observation, judged.rule->measures.size() - 1)];
  const Aggregate* aggregate = closed.cells.find(watched.measure);
  if (aggregate == nullptr) return;
  for (const Exemplar& exemplar : aggregate->exemplars()) {
    alert.add_exemplars(hex_trace_id(exemplar.trace_id));
    auto* position = alert.add_offsets();
    position->set_topic(exemplar.topic);
    position->set_partition(exemplar.partition);
    position->set_offset(exemplar.offset);
  }
}

/// What is measured: the interval of the value given this window alone, and where it is finite.
void fill_value(v1::MeasuredValue& out, const Observation& seen) {
  if (seen.missing() || !std::isfinite(seen.value)) return;
  out.set_value(seen.value);
  out.set_n(seen.n);
  const Interval interval = confidence_interval(seen);
  if (std::isfinite(interval.low) && std::isfinite(interval.high)) {
    out.set_low(interval.low);
    out.set_high(interval.high);
  }
}

void fill_verdict(v1::MeasuredValue& out, const Verdict& verdict) {
  out.set_judgement(std::string(name_of(verdict.judgement)));
  if (verdict.judgement == Judgement::missing) return;
  if (verdict.expected == 0 && verdict.expected_low == 0 && verdict.expected_high == 0) return;  // nothing learnt yet
  out.set_expected(verdict.expected);
  if (std::isfinite(verdict.expected_low) && std::isfinite(verdict.expected_high)) {
    out.set_expected_low(verdict.expected_low);
    out.set_expected_high(verdict.expected_high);
  }
  out.set_surprise(verdict.surprise);
  out.set_effect(verdict.effect);
}

Quantity quantity_of(Unit unit) {
  switch (unit) {
    case Unit::share:
      return Quantity::share;
    case Unit::seconds:
      return Quantity::seconds;
    case Unit::usd:
      return Quantity::usd;
    case Unit::count:
    case Unit::tokens:
    case Unit::characters:
      return Quantity::count;
    case Unit::score:
      break;
  }
  return Quantity::number;
}

std::string_view noun_of(Unit unit) {
  return unit == Unit::tokens || unit == Unit::characters ? tidewatch::name_of(unit) : std::string_view();
}

Pattern pattern_of(std::string_view detector) {
  if (detector == "threshold") return Pattern::limit;
  if (detector == "trend") return Pattern::trend;
  if (detector == "drift") return Pattern::drift;
  return detector == "gap" ? Pattern::silence : Pattern::deviation;
}

/// The sentence of the alert.
std::string explain(const EntityMonitor& entity, const Judged& judged, Timestamp end, const MeasureCatalog& catalog,
                    const std::vector<FirstSight>& sights) {
  const CompiledRule& rule = *judged.rule;
  const size_t strongest = std::min(judged.verdict.observation, rule.measures.size() - 1);
  const MeasureInfo& info = catalog.info(rule.measures[strongest].measure);
  std::string where;
  for (const auto& [name, value] : entity.labels())
    where += fmt::format("{}{}={}", where.empty() ? "" : ", ", name, value);
  std::vector<NearChange> changes;
  changes.reserve(sights.size());
  for (const auto& sight : sights)
    changes.push_back({fmt::format("first sight of {}={}", sight.label, sight.value), sight.at});
  const std::vector<std::string_view> names(rule.measure_names.begin(), rule.measure_names.end());
  Occasion occasion;
  occasion.measure = rule.measure_names[strongest];
  occasion.quantity = info.kind == MeasureKind::composition ? Quantity::share : quantity_of(info.unit);
  occasion.noun = noun_of(info.unit);
  occasion.entity = where;
  occasion.start = end - rule.rule->window;
  occasion.width = rule.rule->window;
  occasion.n = info.kind == MeasureKind::sum ? 0 : judged.observations[strongest].n;
  occasion.pattern = pattern_of(rule.rule->detector);
  occasion.measures = names;
  occasion.changes = changes;
  const Transition& transition = *judged.transition;
  return transition.kind == Transition::Kind::resolved ? why_resolved(occasion, judged.verdict, transition)
                                                       : why_fired(occasion, judged.verdict);
}

}  // namespace

std::string hex_trace_id(std::string_view raw) {
  return absl::BytesToHexString(absl::string_view(raw.data(), raw.size()));
}

v1::Alert alert_message(const EntityMonitor& entity, const EntityMonitor::Closed& closed, const Judged& judged,
                        Timestamp end, const MeasureCatalog& catalog, const DetectOptions& options) {
  const Transition& transition = *judged.transition;
  const CompiledRule& rule = *judged.rule;
  const Verdict& verdict = judged.verdict;
  const size_t strongest = std::min(verdict.observation, rule.measures.size() - 1);
  const MeasureInfo& info = catalog.info(rule.measures[strongest].measure);
  v1::Alert out;
  out.set_id(transition.id);
  const EntityGroup top = {options.entities.empty() ? "service" : options.entities.front().front()};
  out.set_incident_id(incident_key(entity_key(top, entity.labels()), transition.starts_at));
  const bool is_resolved = transition.kind == Transition::Kind::resolved;
  out.set_state(is_resolved ? "resolved" : "firing");
  out.set_transition(std::string(name_of(transition.kind)));
  out.set_severity(std::string(tidewatch::name_of(transition.severity)));
  out.set_kind(rule.rule->detector);
  out.set_rule(rule.rule->name);
  out.set_measure(rule.measure_names[strongest]);
  fill_labels(*out.mutable_labels(), entity.labels());
  *out.mutable_starts_at() = to_proto(transition.starts_at);
  *out.mutable_observed_at() = to_proto(end);
  if (is_resolved) *out.mutable_ends_at() = to_proto(transition.ends_at);
  out.set_window_seconds(to_seconds(rule.rule->window));
  out.set_value(transition.peak.value);
  out.set_expected(transition.peak.expected);
  out.set_effect(transition.peak.effect);
  out.set_effect_absolute(transition.peak.value - transition.peak.expected);
  out.set_surprise(transition.peak.surprise);
  out.set_direction(std::string(name_of(transition.peak.direction)));
  out.set_unit(std::string(tidewatch::name_of(info.unit)));
  // The interval and the evidence are of this window, which while firing is the one that decided.
  if (!is_resolved) {
    if (std::isfinite(verdict.expected_low) && std::isfinite(verdict.expected_high)) {
      out.set_expected_low(verdict.expected_low);
      out.set_expected_high(verdict.expected_high);
    }
    out.set_n(judged.observations[strongest].n);
    for (const auto& contribution : verdict.contributions) {
      auto* part = out.add_contributions();
      part->set_measure(rule.measure_names[contribution.observation]);
      part->set_bits(contribution.bits);
    }
    fill_evidence(out, closed, judged);
  }
  const auto sights = entity.recent_sights(transition.starts_at - kChangeReach, end);
  for (const auto& sight : sights) {
    auto* change = out.add_changes();
    *change->mutable_at() = to_proto(sight.at);
    change->set_label(sight.label);
    change->set_value(sight.value);
  }
  out.set_config_version(options.config_version);
  out.set_reopened(transition.is_reopened);
  out.set_why(explain(entity, judged, end, catalog, sights));
  return out;
}

v1::QualityScore score_message(const EntityMonitor& entity, const EntityMonitor::Closed& closed, Timestamp end,
                               const MeasureCatalog& catalog, const DetectOptions& options) {
  v1::QualityScore out;
  fill_labels(*out.mutable_labels(), entity.labels());
  *out.mutable_window_start() = to_proto(end - options.score_window);
  out.set_window_seconds(to_seconds(options.score_window));
  out.set_config_version(options.config_version);
  std::map<std::string, v1::MeasuredValue> measures;
  for (const auto& [id, aggregate] : closed.cells) {
    const MeasureInfo& info = catalog.info(id);
    if (info.kind == MeasureKind::composition) continue;
    const bool is_distribution = info.kind == MeasureKind::distribution;
    for (const Statistic statistic :
         {Statistic::value, Statistic::mean, Statistic::p50, Statistic::p95, Statistic::p99}) {
      if ((statistic == Statistic::value) == is_distribution) continue;
      const std::string name = watched_name(catalog, {id, statistic});
      auto& measured = measures[name];
      measured.set_measure(name);
      measured.set_unit(std::string(tidewatch::name_of(info.unit)));
      measured.set_judgement("missing");
      fill_value(measured, aggregate.observe(statistic));
    }
  }
  for (const Judged& judged : closed.judged) {
    if (judged.rule->measures.size() != 1) continue;
    auto& measured = measures[judged.rule->measure_names[0]];
    if (measured.has_surprise() && measured.surprise() >= judged.verdict.surprise) continue;
    measured.set_measure(judged.rule->measure_names[0]);
    measured.set_unit(std::string(tidewatch::name_of(catalog.info(judged.rule->measures[0].measure).unit)));
    fill_verdict(measured, judged.verdict);
  }
  for (auto& [name, measured] : measures) *out.add_measures() = std::move(measured);
  fill_quality_index(out, catalog);
  return out;
}

v1::Change change_message(const EntityMonitor& entity, const FirstSight& sight) {
  v1::Change out;
  *out.mutable_at() = to_proto(sight.at);
  out.set_label(sight.label);
  out.set_value(sight.value);
  fill_labels(*out.mutable_labels(), entity.labels());
  out.set_first_trace(hex_trace_id(sight.trace_id));
  return out;
}

}  // namespace tidewatch
