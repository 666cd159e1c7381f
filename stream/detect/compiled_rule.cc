#include "stream/detect/compiled_rule.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "detectors/decide/false_alarms.h"
#include "stream/window/colocation.h"

namespace tidewatch {
namespace {

bool is_pattern(const DetectorRule& rule) { return rule.measures.size() == 1 && rule.measures[0].ends_with('*'); }

Stakes stakes_of(MeasureClass measure_class) {
  switch (measure_class) {
    case MeasureClass::safety:
      return Stakes::safety;
    case MeasureClass::error:
    case MeasureClass::volume:
      return Stakes::high;
    case MeasureClass::behaviour:
      return Stakes::informative;
    case MeasureClass::quality:
    case MeasureClass::latency:
    case MeasureClass::cost:
    case MeasureClass::feedback:
      break;
  }
  return Stakes::ordinary;
}

Direction worse_side(Worse worse) {
  if (worse == Worse::up) return Direction::up;
  return worse == Worse::down ? Direction::down : Direction::either;
}

/// `pass_<name>` of an evaluation that looks for unsafe answers.
bool is_safety(const DetectOptions& options, const MeasureInfo& info) {
  const auto& names = options.safety_evaluations;
  return info.name.starts_with("pass_") && std::find(names.begin(), names.end(), info.name.substr(5)) != names.end();
}

Error bad_rule(const DetectorRule& rule, std::string_view what) {
  return {"bad_rule", fmt::format("detectors.{}: {}", rule.name, what)};
}

/// The group of the entity `other`, which is of no group of the config (PaneBuffer::other_key).
bool is_rest(const std::vector<std::string>& group) { return !group.empty() && group.back() == "shard"; }

}  // namespace

std::unique_ptr<Detector> CompiledRule::make_detector() const {
  auto made = tidewatch::make_detector(rule->detector, rule->settings, measures.size());
  TW_CHECK(made.ok(), "the rule was checked when it was compiled");
  return std::move(made).value();
}

std::string CompiledRule::identity() const {
  std::string out = fmt::format("{}|{}|{}", rule->detector, rule->window.count(), fmt::join(measure_names, ","));
  for (const auto& [name_of_setting, value] : rule->settings) out += fmt::format("|{}={}", name_of_setting, value);
  return out;
}

Result<std::unique_ptr<CompiledRule>> RuleBook::compile_one(const DetectorRule& rule,
                                                            const std::vector<std::string>& measures) const {
  auto out = std::make_unique<CompiledRule>();
  out->rule = &rule;
  out->name = is_pattern(rule) ? fmt::format("{}/{}", rule.name, measures[0]) : rule.name;
  if (rule.window < options_->pane || rule.window % options_->pane != Duration::zero())
    return bad_rule(rule, fmt::format("window {} is not a multiple of the pane, {}", format_duration(rule.window),
                                      format_duration(options_->pane)));
  if (measures.empty()) return bad_rule(rule, "names no measure");
  const auto known = find_detector(rule.detector);
  if (!known) return bad_rule(rule, known.error().message);
  if (const auto fits = check_observations(rule.detector, measures.size()); !fits)
    return bad_rule(rule, fits.error().message);
  Stakes stakes = Stakes::informative;
  bool can_gather = !(*known)->judges_few;
  out->detector = *known;
  for (const auto& name : measures) {
    const auto watched = resolve_watched(*catalog_, name);
    if (!watched) return bad_rule(rule, fmt::format("unknown measure \"{}\"", name));
    const MeasureInfo& info = catalog_->info(watched->measure);
    if (const auto fits = check_kind(rule.detector, info.kind, watched->statistic); !fits)
      return bad_rule(rule, fmt::format("\"{}\" {}", name, fits.error().message));
    out->measures.push_back(*watched);
    out->domains.push_back(domain_of(info));
    can_gather = can_gather && (info.kind == MeasureKind::rate || info.kind == MeasureKind::distribution);
    out->measure_names.push_back(watched_name(*catalog_, *watched));
    out->worse.push_back(rule.direction.value_or(worse_side(info.worse)));
    stakes = std::max(stakes, is_safety(*options_, info) ? Stakes::safety : stakes_of(info.measure_class));
  }
  out->direction = measures.size() == 1 ? out->worse[0] : rule.direction.value_or(Direction::either);
  const auto detector = tidewatch::make_detector(rule.detector, rule.settings, measures.size());
  if (!detector) return bad_rule(rule, detector.error().message);

  out->min_count = can_gather ? std::max(1U, rule.min_count) : 1;

  AlertRule& alert = out->alert;
  alert.name = out->name;
  const double bits = threshold_bits(options_->false_alarms, rule.window);
  alert.needs = (*detector)->alert_needs({bits, rule.min_effect, rule.min_effect_absolute});
  alert.for_windows = rule.for_windows;
  alert.resolve_after = rule.resolve_after;
  alert.severity = {stakes, rule.severity, rule.page_above};
  return Result<std::unique_ptr<CompiledRule>>(std::move(out));
}

Status RuleBook::check_pattern(const DetectorRule& rule) const {
  if (!rule.measures[0].starts_with("score_") && !rule.measures[0].starts_with("pass_"))
    return bad_rule(rule, fmt::format("\"{}\": patterns are score_* and pass_*", rule.measures[0]));
  // Tried on a measure that nobody sees: what is wrong must not come out only when an evaluation appears.
  MeasureCatalog scratch = *catalog_;
  const RuleBook trial(*options_, scratch);
  std::string name = rule.measures[0];
  name.back() = 'x';
  const auto compiled = trial.compile_one(rule, {name});
  return compiled ? ok_status() : Status(compiled.error());
}

void RuleBook::add_width(Duration width) {
  if (const auto at = std::lower_bound(widths_.begin(), widths_.end(), width); at == widths_.end() || *at != width)
    widths_.insert(at, width);
}

void RuleBook::add(std::unique_ptr<CompiledRule> rule) {
  // Gap detectors first, else the order in which they were added.
  const auto at =
      rule->rule->detector == "gap"
          ? std::find_if(rules_.begin(), rules_.end(), [](const auto& other) { return other->rule->detector != "gap"; })
          : rules_.end();
  rules_.insert(at, std::move(rule));
}

Result<std::unique_ptr<RuleBook>> RuleBook::compile(const DetectOptions& options, MeasureCatalog& catalog) {
  for (const auto& measure : options.measures)
    if (!catalog.add(measure.info))
      return Error{"bad_measure", fmt::format("measures.{}: the name is taken by a built-in one", measure.info.name)};
  for (const auto& [name, weight] : options.index_weights) {
    const auto measure = catalog.find_or_derive(name);
    if (!measure) return Error{"bad_measure", fmt::format("scores.weights.{}: there is no such measure", name)};
    catalog.set_index_weight(*measure, weight);
  }
  auto book = std::unique_ptr<RuleBook>(new RuleBook(options, catalog));
  if (options.score_window < options.pane || options.score_window % options.pane != Duration::zero())
    return Error{"bad_rule", fmt::format("scores.window {} is not a multiple of the pane, {}",
                                         format_duration(options.score_window), format_duration(options.pane))};
  book->widths_ = {options.score_window};
  auto reference = ReferenceSet::parse(options.reference, catalog);
  if (!reference) return reference.error();
  book->reference_ = std::move(reference).value();
  std::set<std::string_view> names;
  for (const auto& rule : options.rules) {
    if (!rule.is_enabled) continue;
    if (const auto detector = find_detector(rule.detector);
        detector && (*detector)->compares_reference && book->reference_.empty())
      continue;
    if (!names.insert(rule.name).second) return bad_rule(rule, "the name is taken by another detector");
    if (is_pattern(rule)) {
      if (auto checked = book->check_pattern(rule); !checked) return checked.error();
      book->patterns_.push_back(&rule);
      book->add_width(rule.window);
      continue;
    }
    auto compiled = book->compile_one(rule, rule.measures);
    if (!compiled) return compiled.error();
    book->add(std::move(compiled).value());
    book->add_width(rule.window);
  }
  return Result<std::unique_ptr<RuleBook>>(std::move(book));
}

void RuleBook::saw_measure(MeasureId id) {
  if (seen_.size() <= id) seen_.resize(id + size_t{1}, false);
  if (seen_[id]) return;
  seen_[id] = true;
  const std::string name = catalog_->info(id).name;
  for (const DetectorRule* rule : patterns_) {
    const std::string_view prefix(rule->measures[0].data(), rule->measures[0].size() - 1);
    if (!name.starts_with(prefix)) continue;
    if (auto compiled = compile_one(*rule, {name})) add(std::move(compiled).value());
  }
}

std::string_view RuleBook::sibling_label(const std::vector<std::string>& group) const {
  return tidewatch::sibling_label(options_->colocate, group);
}

bool RuleBook::applies(const CompiledRule& rule, const std::vector<std::string>& group) const {
  // What stands for the rest of a group has no siblings, nor have entities whose relatives are judged elsewhere.
  if (rule.detector->compares_siblings && (is_rest(group) || sibling_label(group).empty())) return false;
  const auto& groups = rule.rule->entities.empty() ? options_->entities : rule.rule->entities;
  return groups.empty() || std::find(groups.begin(), groups.end(), group) != groups.end() ||
         (rule.rule->entities.empty() && is_rest(group));
}

}  // namespace tidewatch
