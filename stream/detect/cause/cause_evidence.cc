#include "stream/detect/cause/cause_evidence.h"

#include <algorithm>
#include <cmath>

#include "detectors/estimate/mix_shift.h"
#include "stream/detect/cause/movement.h"

namespace tidewatch {
namespace {

/// An entity with a shorter past does not know what was usual.
constexpr Duration kLeastPast = std::chrono::hours(6);
/// First sights this long before a beginning are looked at.
constexpr Duration kSightReach = std::chrono::hours(2);
constexpr double kLeastCount = 10;
/// Where the alert's measure does not show when it moved, its detector's guess is off by so much.
constexpr Duration kUnclearBeginning = std::chrono::minutes(40);

/// The alert's measure, in parts of an entity, before a time and since.
class Parts {
 public:
  struct Part {
    const EntityMonitor* entity;
    LevelSum before;
    LevelSum since;
  };

  Parts(const std::vector<const EntityMonitor*>& entities, MeasureId measure, bool is_rate, Timestamp at)
      : is_rate_(is_rate) {
    const auto level = [&](const Stretch& stretch) {
      const auto found = stretch.levels.find(measure);
      return found == stretch.levels.end() ? LevelSum() : found->second;
    };
    for (const EntityMonitor* entity : entities)
      parts_.push_back({entity, level(entity->past().before(at)), level(entity->past().since(at))});
  }

  /// How it moved where `label` is `value`, and elsewhere.
  std::optional<Difference> difference(const std::string& label, const std::string& value) const {
    LevelSum own_before, own_since, others_before, others_since;
    for (const Part& part : parts_) {
      const bool is_own = part.entity->labels().get(label) == value;
      add(is_own ? own_before : others_before, part.before);
      add(is_own ? own_since : others_since, part.since);
    }
    if (own_since.n < kLeastCount || others_since.n < kLeastCount || others_before.n < kLeastCount) return std::nullopt;
    // What is new has no past of its own: what it replaces has.
    const bool is_new = own_before.n < kLeastCount;
    const LevelSum& was = is_new ? others_before : own_before;
    Difference out;
    out.value = value;
    out.is_new = is_new;
    out.own = own_since.mean() - was.mean();
    out.others = others_since.mean() - others_before.mean();
    const double since = variance(own_since) + variance(others_since);
    out.error = std::sqrt(since + (is_new ? 0 : variance(own_before) + variance(others_before)));
    out.others_error = std::sqrt(variance(others_since) + variance(others_before));
    return out;
  }

  std::optional<Decomposition> decomposition() const {
    std::vector<GroupChange> groups;
    double before = 0;
    double since = 0;
    for (const Part& part : parts_) {
      groups.push_back({{part.before.n, part.before.mean(), variance(part.before)},
                        {part.since.n, part.since.mean(), variance(part.since)}});
      before += part.before.n;
      since += part.since.n;
    }
    if (groups.size() < 2 || before < 2 * kLeastCount || since < 2 * kLeastCount) return std::nullopt;
    const MixShift shift = mix_shift(groups);
    Decomposition out;
    out.by_mix = shift.mix.value;
    out.mix_error = shift.mix.error;
    out.within = shift.within.value;
    out.within_error = shift.within.error;
    return out;
  }

 private:
  static void add(LevelSum& to, const LevelSum& more) {
    to = {to.n + more.n, to.sum + more.sum, to.squares + more.squares};
  }
  double variance(const LevelSum& level) const { return kDispersion * level.variance(is_rate_); }

  bool is_rate_;
  std::vector<Part> parts_;
};

bool is_population(Facet facet) { return facet == Facet::segment || facet == Facet::endpoint; }

/// The value of a label that a difference is asked of: the alert's own, or the one that came.
std::string asked_value(const EntityMonitor& entity, const CauseEvidence& evidence, const std::string& label,
                        Facet facet) {
  if (const std::string* own = entity.labels().find(label)) return *own;
  for (const Mix& mix : evidence.mixes)
    if (mix.facet == facet && mix.is_moved) return mix.gained;
  for (const FirstValue& first : evidence.first_values)
    if (first.facet == facet) return first.value;
  return {};
}

void compare_parts(CauseEvidence& out, const EntityMonitor& entity, const Judged& judged, const Colocated& colocated,
                   const MeasureCatalog& catalog, Timestamp at) {
  const size_t strongest = std::min(judged.verdict.observation, judged.rule->measures.size() - 1);
  const CauseMeasure* row = find_cause_measure(judged.rule->measures[strongest].measure);
  if (row == nullptr) return;
  const MeasureInfo& info = catalog.info(row->measure);
  const EntityMonitor* whole = colocated.whole_of(entity);
  for (const auto& [label, entities] : colocated.parts_of(whole == nullptr ? entity : *whole)) {
    const auto facet = facet_of(label);
    if (!facet || entities.size() < 2) continue;
    const Parts parts(entities, row->measure, info.kind == MeasureKind::rate, at);
    if (const std::string value = asked_value(entity, out, label, *facet); !value.empty()) {
      if (auto difference = parts.difference(label, value)) {
        difference->facet = *facet;
        difference->quantity = quantity_of(info.unit);
        out.differences.push_back(std::move(*difference));
      }
    }
    if (!is_population(*facet) || entity.labels().find(label) != nullptr) continue;
    if (auto decomposition = parts.decomposition()) {
      decomposition->facet = *facet;
      decomposition->measure = info.name;
      decomposition->quantity = quantity_of(info.unit);
      out.decompositions.push_back(std::move(*decomposition));
    }
  }
}

bool has_past(const EntityMonitor& entity, Timestamp now) {
  return !entity.past().empty() && now - entity.past().first() >= kLeastPast;
}

/// Adds how measures and labels of an entity moved, of those that are not there yet.
void look_at(CauseEvidence& out, const EntityMonitor& entity, const MeasureCatalog& catalog) {
  const auto splits = splits_of(entity.past());
  for (const CauseMeasure& row : cause_measures()) {
    const std::string& name = catalog.info(row.measure).name;
    const auto known = std::find_if(out.movements.begin(), out.movements.end(),
                                    [&](const Movement& movement) { return movement.measure == name; });
    auto movement = movement_of(row, catalog.info(row.measure), splits);
    if (!movement) continue;
    if (known == out.movements.end())
      out.movements.push_back(std::move(*movement));
    else if (!known->is_moved && !known->is_steady)
      *known = std::move(*movement);
  }
  for (const CauseLabel& row : cause_labels()) {
    if (entity.labels().find(name_of(row.facet)) != nullptr) continue;  // one value, whatever happens
    const bool is_known =
        std::any_of(out.mixes.begin(), out.mixes.end(), [&](const Mix& mix) { return mix.facet == row.facet; });
    if (auto mix = movement_of(row, splits); mix && !is_known) out.mixes.push_back(std::move(*mix));
  }
}

/// The alert knows best of its own measure that it moved; of when, where it is seen most clearly. The latter.
Timestamp note_alerted(CauseEvidence& out, const WatchedMeasure& alerted, const Judged& judged,
                       const MeasureCatalog& catalog) {
  const CauseMeasure* row = find_cause_measure(alerted.measure);
  out.blur = kUnclearBeginning;
  if (row == nullptr) return out.began;
  const std::string& name = catalog.info(row->measure).name;
  const auto known = std::find_if(out.movements.begin(), out.movements.end(),
                                  [&](const Movement& movement) { return movement.measure == name; });
  if (known == out.movements.end()) return out.began;
  out.began = known->since;
  if (known->is_moved) {
    out.blur = Duration::zero();
    return out.began;
  }
  const Verdict& verdict = judged.verdict;
  const std::string& detector = judged.rule->rule->detector;
  const bool is_level = !judged.rule->detector->watches_categories && !judged.rule->detector->compares_siblings &&
                        detector != "gap" && detector != "comovement";
  if (!is_level) return out.began;
  *known = {.measure = known->measure,
            .trait = known->trait,
            .quantity = known->quantity,
            .noun = known->noun,
            .before = verdict.expected,
            .after = verdict.value,
            .is_moved = true,
            .since = out.began};
  return out.began;
}

}  // namespace

CauseEvidence cause_evidence(const EntityMonitor& entity, const Judged& judged, const Colocated& colocated,
                             const MeasureCatalog& catalog, const DetectOptions& options) {
  const CompiledRule& rule = *judged.rule;
  const Verdict& verdict = judged.verdict;
  const size_t strongest = std::min(verdict.observation, rule.measures.size() - 1);
  const MeasureId measure = rule.measures[strongest].measure;
  CauseEvidence out;
  out.alerted = trait_of(measure, catalog.info(measure));
  out.began =
      std::min(judged.transition->starts_at, saturating_minus(judged.start, verdict.since_windows * rule.rule->window));
  out.is_gradual = rule.rule->detector == "trend";
  const bool is_gap = rule.rule->detector == "gap";
  out.is_silent = is_gap && !(verdict.value > 0);
  out.is_starved = is_gap && verdict.value > 0;
  if (rule.detector->compares_siblings) {
    const std::string label(sibling_label(options.colocate, entity.group()));
    out.contrasted = facet_of(label);
    out.contrasted_value = std::string(entity.labels().get(label));
  }

  const EntityMonitor* whole = colocated.whole_of(entity);
  const bool is_young = whole != nullptr && !has_past(entity, judged.end);
  if (!is_young) look_at(out, entity, catalog);
  if (whole != nullptr) look_at(out, *whole, catalog);  // what is not known of the part itself
  Timestamp at = note_alerted(out, rule.measures[strongest], judged, catalog);
  for (const FirstSight& sight : (is_young ? *whole : entity).recent_sights(out.began - kSightReach, judged.end))
    if (const auto facet = facet_of(sight.label); facet && *facet != Facet::endpoint)
      out.first_values.push_back({*facet, sight.value, sight.at});
  compare_parts(out, entity, judged, colocated, catalog, at);
  return out;
}

}  // namespace tidewatch
