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
#include "detectors/detect/reference.h"
#include "detectors/detect/registry.h"
#include "detectors/detect/threshold.h"
#include "stream/detect/cause/cause_measures.h"
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
  if (judgement == Judgement::gathering) return "gathering";
  return judgement == Judgement::warming_up ? "warming_up" : "missing";
}

void fill_evidence(v1::Alert& alert, const Judged& judged) {
  for (const Exemplar& exemplar : judged.exemplars) {
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

void fill_reference(v1::MeasuredValue& out, const Observation& seen, const Observation& reference) {
  if (reference.missing() || !std::isfinite(reference.value)) return;
  out.set_reference(reference.value);
  out.set_reference_n(reference.n);
  if (seen.missing() || !std::isfinite(seen.value)) return;
  out.set_reference_effect(relative_effect(seen.value, reference.value));
  out.set_reference_surprise(surprise_of_difference(seen, reference));
}

void fill_composition(v1::Composition& out, std::string_view measure, const CategoryCounts& counts) {
  constexpr size_t kMostCategories = 10;
  out.set_measure(std::string(measure));
  out.set_n(counts.total());
  for (const auto& [name, weight] : counts.top(kMostCategories)) {
    auto* category = out.add_categories();
    category->set_name(name);
    category->set_share(weight / counts.total());
  }
}

void fill_verdict(v1::MeasuredValue& out, const Verdict& verdict) {
  out.set_judgement(std::string(name_of(verdict.judgement)));
  if (verdict.expected == 0 && verdict.expected_low == 0 && verdict.expected_high == 0) return;  // nothing learnt yet
  out.set_expected(verdict.expected);
  if (std::isfinite(verdict.expected_low) && std::isfinite(verdict.expected_high)) {
    out.set_expected_low(verdict.expected_low);
    out.set_expected_high(verdict.expected_high);
  }
  if (verdict.judgement == Judgement::missing) return;
  out.set_surprise(verdict.surprise);
  out.set_effect(verdict.effect);
}

/// Of an alert or a measured value.
template <typename Message>
void fill_borrowed(Message& out, const Judged& judged) {
  if (!judged.borrowed) return;
  out.set_borrowed_from(judged.borrowed->from);
  out.set_own_windows(judged.borrowed->own_windows);
}

/// Of what a verdict says: how much moved to other categories, a correlation, or the measure's own.
Unit unit_of_verdict(std::string_view detector, Unit measured) {
  if (detector == "comovement") return Unit::score;
  const auto known = find_detector(detector);
  return known && (*known)->watches_categories ? Unit::share : measured;
}

/// Of the classes that a distribution is told in.
std::string_view unit_of_classes(Unit unit) {
  if (unit == Unit::seconds) return "s";
  return unit == Unit::usd ? "USD" : noun_of(unit);
}

Pattern pattern_of(std::string_view detector, MeasureKind kind) {
  if (detector == "threshold") return Pattern::limit;
  if (detector == "trend") return Pattern::trend;
  if (detector == "drift") return kind == MeasureKind::composition ? Pattern::drift : Pattern::spread;
  if (detector == "comovement") return Pattern::comovement;
  if (detector == "reference") return Pattern::reference;
  if (detector == "contrast") return Pattern::contrast;
  return detector == "gap" ? Pattern::silence : Pattern::deviation;
}

std::string in_words(const Labels& labels) {
  std::string out;
  for (const auto& [name, value] : labels) out += fmt::format("{}{}={}", out.empty() ? "" : ", ", name, value);
  return out;
}

/// "service=shop, endpoint=/chat as a whole"; of a sibling what differs: "prompt_version=v12".
std::string lender_in_words(const std::string& key, const EntityMonitor& borrower, std::string_view sibling_label) {
  const auto labels = parse_entity_key(key);
  TW_CHECK(labels.ok(), "entity keys are made by entity_key()");
  const std::string* differs = labels->find(sibling_label);
  if (differs == nullptr || *differs == borrower.labels().get(sibling_label)) return in_words(*labels) + " as a whole";
  return fmt::format("{}={}", sibling_label, *differs);
}

/// What limit a `threshold` rule sets on what another rule watches of an entity, on the side that it moves to.
std::optional<double> limit_of(const DetectorRule& rule, const CompiledRule& watched, const EntityMonitor& entity,
                               Direction moves, MeasureCatalog& catalog) {
  if (!rule.is_enabled || rule.detector != "threshold" || rule.measures.size() != 1) return std::nullopt;
  const auto& groups = rule.entities;
  if (!groups.empty() && std::find(groups.begin(), groups.end(), entity.group()) == groups.end()) return std::nullopt;
  const auto measure = resolve_watched(catalog, rule.measures[0]);
  if (!measure || watched_name(catalog, *measure) != watched.measure_names[0]) return std::nullopt;
  const Worse worse = catalog.info(measure->measure).worse;
  const Direction usual = worse == Worse::none ? Direction::either
                          : worse == Worse::up ? Direction::up
                                               : Direction::down;
  if (const Direction side = rule.direction.value_or(usual); side != Direction::either && side != moves)
    return std::nullopt;
  ThresholdParams params;
  for (const auto& [name, value] : rule.settings)
    TW_CHECK(set_param(params, name, value).ok(), "the rule was checked when it was compiled");
  return moves == Direction::up ? params.above : params.below;
}

/// Limits that a trend comes to.
std::vector<double> limits_ahead(const EntityMonitor& entity, const Judged& judged, const MeasureCatalog& catalog,
                                 const DetectOptions& options) {
  std::vector<double> out;
  if (judged.rule->rule->detector != "trend") return out;
  MeasureCatalog known = catalog;
  for (const DetectorRule& rule : options.rules)
    if (const auto limit = limit_of(rule, *judged.rule, entity, judged.verdict.direction, known)) out.push_back(*limit);
  return out;
}

/// The sentence of the alert.
std::string explain(const EntityMonitor& entity, const Judged& judged, const MeasureCatalog& catalog,
                    const std::vector<FirstSight>& sights, const DetectOptions& options) {
  const CompiledRule& rule = *judged.rule;
  const size_t strongest = std::min(judged.verdict.observation, rule.measures.size() - 1);
  const MeasureInfo& info = catalog.info(rule.measures[strongest].measure);
  const std::string where = in_words(entity.labels());
  std::vector<NearChange> changes;
  changes.reserve(sights.size());
  for (const auto& sight : sights)
    changes.push_back({fmt::format("first sight of {}={}", sight.label, sight.value), sight.at});
  const std::vector<std::string_view> names(rule.measure_names.begin(), rule.measure_names.end());
  Occasion occasion;
  occasion.measure = rule.measure_names[strongest];
  occasion.quantity = quantity_of(unit_of_verdict(rule.rule->detector, info.unit));
  occasion.noun = rule.detector->watches_categories ? unit_of_classes(info.unit) : noun_of(info.unit);
  occasion.entity = where;
  occasion.start = judged.start;
  occasion.width = judged.end - judged.start;
  occasion.n = info.kind == MeasureKind::sum ? 0 : judged.observations[strongest].n;
  occasion.pattern = pattern_of(rule.rule->detector, info.kind);
  occasion.siblings = sibling_label(options.colocate, entity.group());
  occasion.measures = names;
  occasion.changes = changes;
  const std::vector<double> limits = limits_ahead(entity, judged, catalog, options);
  occasion.limits = limits;
  std::string lender;  // outlives the sentence
  if (judged.borrowed) {
    lender = lender_in_words(judged.borrowed->from, entity, occasion.siblings);
    occasion.borrowed_from = lender;
    occasion.own_windows = judged.borrowed->own_windows;
  }
  const Transition& transition = *judged.transition;
  return transition.kind == Transition::Kind::resolved ? why_resolved(occasion, judged.verdict, transition)
                                                       : why_fired(occasion, judged.verdict);
}

}  // namespace

std::string hex_trace_id(std::string_view raw) {
  return absl::BytesToHexString(absl::string_view(raw.data(), raw.size()));
}

namespace {

/// What an alert says of itself, whichever way it came to this transition.
v1::Alert begin_alert(const EntityMonitor& entity, const Transition& transition, Unit unit,
                      const DetectOptions& options) {
  v1::Alert out;
  out.set_id(transition.id);
  const bool is_resolved = transition.kind == Transition::Kind::resolved;
  out.set_state(is_resolved ? "resolved" : "firing");
  out.set_transition(std::string(name_of(transition.kind)));
  out.set_severity(std::string(tidewatch::name_of(transition.severity)));
  fill_labels(*out.mutable_labels(), entity.labels());
  *out.mutable_starts_at() = to_proto(transition.starts_at);
  *out.mutable_observed_at() = to_proto(transition.observed_at);
  if (is_resolved) *out.mutable_ends_at() = to_proto(transition.ends_at);
  out.set_value(transition.peak.value);
  out.set_expected(transition.peak.expected);
  out.set_effect(transition.peak.effect);
  out.set_effect_absolute(transition.peak.value - transition.peak.expected);
  out.set_surprise(transition.peak.surprise);
  out.set_direction(std::string(name_of(transition.peak.direction)));
  out.set_unit(std::string(tidewatch::name_of(unit)));
  out.set_config_version(options.config_version);
  out.set_reopened(transition.is_reopened);
  return out;
}

}  // namespace

v1::Alert alert_message(const EntityMonitor& entity, const Judged& judged, const std::optional<Cause>& cause,
                        const MeasureCatalog& catalog, const DetectOptions& options) {
  const Transition& transition = *judged.transition;
  const CompiledRule& rule = *judged.rule;
  const Verdict& verdict = judged.verdict;
  const size_t strongest = std::min(verdict.observation, rule.measures.size() - 1);
  const Unit unit = unit_of_verdict(rule.rule->detector, catalog.info(rule.measures[strongest].measure).unit);
  v1::Alert out = begin_alert(entity, transition, unit, options);
  out.set_kind(rule.rule->detector);
  out.set_rule(rule.rule->name);
  out.set_measure(rule.measure_names[strongest]);
  out.set_window_seconds(to_seconds(judged.end - judged.start));
  // The interval and the evidence are of this window, which while firing is the one that decided.
  if (transition.kind != Transition::Kind::resolved) {
    if (std::isfinite(verdict.expected_low) && std::isfinite(verdict.expected_high)) {
      out.set_expected_low(verdict.expected_low);
      out.set_expected_high(verdict.expected_high);
    }
    out.set_n(judged.observations[strongest].n);
    for (const auto& contribution : verdict.contributions) {
      auto* part = out.add_contributions();
      part->set_measure(rule.measure_names[contribution.observation]);
      part->set_bits(contribution.bits);
      if (contribution.with) part->set_with(rule.measure_names[*contribution.with]);
    }
    fill_evidence(out, judged);
    fill_borrowed(out, judged);
  }
  const auto sights = entity.recent_sights(transition.starts_at - kChangeReach, judged.end);
  for (const auto& sight : sights) {
    auto* change = out.add_changes();
    *change->mutable_at() = to_proto(sight.at);
    change->set_label(sight.label);
    change->set_value(sight.value);
  }
  std::string why = explain(entity, judged, catalog, sights, options);
  if (cause) {
    auto* told = out.mutable_cause();
    told->set_kind(std::string(tidewatch::name_of(cause->kind)));
    told->set_confidence(cause->confidence);
    told->set_why(cause->why);
    why += " " + cause->why;
  }
  out.set_why(std::move(why));
  return out;
}

v1::Alert retired_message(const EntityMonitor& entity, const Retired& retired, const MeasureCatalog& catalog,
                          const DetectOptions& options) {
  const AlertDescription& about = retired.about;
  MeasureCatalog known = catalog;  // a measure of the config may be gone with its rule
  const auto watched = resolve_watched(known, about.measure);
  const Unit unit = unit_of_verdict(about.detector, watched ? known.info(watched->measure).unit : Unit::score);
  v1::Alert out = begin_alert(entity, retired.transition, unit, options);
  out.set_kind(about.detector);
  out.set_rule(about.rule);
  out.set_measure(about.measure);
  out.set_window_seconds(to_seconds(about.window));
  const std::string where = in_words(entity.labels());
  Occasion occasion;
  occasion.measure = about.measure;
  occasion.quantity = quantity_of(unit);
  occasion.noun = noun_of(unit);
  occasion.entity = where;
  occasion.pattern =
      pattern_of(about.detector, watched ? known.info(watched->measure).kind : MeasureKind::distribution);
  out.set_why(why_resolved(occasion, {}, retired.transition));
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
  std::map<std::string_view, v1::Composition> compositions;
  for (const auto& [id, aggregate] : closed.cells) {
    const MeasureInfo& info = catalog.info(id);
    if (info.kind == MeasureKind::composition) {
      if (aggregate.categories().total() > 0)
        fill_composition(compositions[info.name], info.name, aggregate.categories());
      continue;
    }
    const bool is_distribution = info.kind == MeasureKind::distribution;
    for (const Statistic statistic :
         {Statistic::value, Statistic::mean, Statistic::p50, Statistic::p95, Statistic::p99}) {
      if ((statistic == Statistic::value) == is_distribution) continue;
      const std::string name = watched_name(catalog, {id, statistic});
      auto& measured = measures[name];
      measured.set_measure(name);
      measured.set_unit(std::string(tidewatch::name_of(info.unit)));
      const Observation seen = aggregate.observe(statistic);
      measured.set_judgement(seen.missing() ? "missing" : "unwatched");
      fill_value(measured, seen);
      if (info.kind != MeasureKind::rate && !is_distribution) continue;
      if (const Aggregate* reference = entity.reference_of(id))
        fill_reference(measured, seen, reference->observe(statistic));
    }
  }
  for (const Judged& judged : closed.judged) {
    // What a test set showed has fields of its own.
    if (judged.rule->measures.size() != 1 || judged.rule->detector->compares_reference) continue;
    if (judged.rule->detector->compares_siblings) continue;  // its expectation is theirs, not the past's
    auto& measured = measures[judged.rule->measure_names[0]];
    if (measured.has_surprise() && measured.surprise() >= judged.verdict.surprise) continue;
    measured.set_measure(judged.rule->measure_names[0]);
    measured.set_unit(std::string(tidewatch::name_of(catalog.info(judged.rule->measures[0].measure).unit)));
    fill_verdict(measured, judged.verdict);
    measured.clear_borrowed_from();  // of another detector, that was less surprised
    measured.clear_own_windows();
    fill_borrowed(measured, judged);
  }
  for (auto& [name, measured] : measures) *out.add_measures() = std::move(measured);
  for (auto& [name, composition] : compositions) *out.add_compositions() = std::move(composition);
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
