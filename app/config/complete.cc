#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "app/config/tables.h"
#include "stream/detect/compiled_rule.h"

namespace tidewatch::config {
namespace {

bool is_multiple(Duration window, Duration pane) { return window % pane == Duration::zero(); }

/// A window that was written must be a multiple of the pane; one that was not follows it.
void fit_window(Reader& reader, const std::string& path, Duration& window, Duration pane) {
  if (is_multiple(window, pane)) return;
  if (!reader.was_written(path)) {
    window = (window / pane + 1) * pane;
    return;
  }
  reader.error_at(path,
                  fmt::format("{} is not a multiple of the pane, {}", format_duration(window), format_duration(pane)));
}

void check_order(Reader& reader, const std::string& path, Duration value, const std::string& least_path,
                 Duration least) {
  if (value >= least) return;
  const std::string& at = reader.was_written(path) ? path : least_path;
  reader.error_at(at, fmt::format("{} ({}) must be at least {} ({})", path, format_duration(value), least_path,
                                  format_duration(least)));
}

/// A phrase that was found is no confirmed case, unless people say that it is.
void complete_safety(Config& config, const Reader& reader) {
  if (reader.was_written("safety.evaluations")) return;
  std::erase_if(config.detect.safety_evaluations, [&](const std::string& name) {
    return std::any_of(config.validators.begin(), config.validators.end(),
                       [&](const ValidatorRule& rule) { return rule.name == name && rule.check == "safety"; });
  });
}

void check_topics(Reader& reader, const TopicNames& topics) {
  std::map<std::string, std::string> used;
  for (int i = 0; i < kStreamCount; ++i) {
    const auto stream = static_cast<Stream>(i);
    const std::string path = fmt::format("topics.{}", name_of(stream));
    const auto [other, is_new] = used.emplace(topics.of(stream), path);
    if (is_new) continue;
    const bool was_written = reader.was_written(path);
    reader.error_at(was_written ? path : other->second,
                    fmt::format("is the same topic as {}", was_written ? other->second : path));
  }
}

/// The watched group with the same labels; null when there is none.
const EntityGroup* watched(const std::vector<EntityGroup>& groups, const EntityGroup& wanted) {
  const auto found = std::find_if(groups.begin(), groups.end(), [&](const EntityGroup& group) {
    return std::is_permutation(group.begin(), group.end(), wanted.begin(), wanted.end());
  });
  return found == groups.end() ? nullptr : &*found;
}

/// A rule runs on groups that are watched, with their labels in the same order. Groups that were not written (of a
/// default rule) give way where the config watches others.
void fit_groups(Reader& reader, const std::vector<EntityGroup>& groups, DetectorRule& rule) {
  const std::string path = fmt::format("detectors.{}", rule.name);
  const bool was_single = reader.was_written(path + ".entity");
  const bool was_written = was_single || reader.was_written(path + ".entities");
  std::vector<EntityGroup> out;
  for (size_t i = 0; i < rule.entities.size(); ++i) {
    if (const auto* group = watched(groups, rule.entities[i]))
      out.push_back(*group);
    else if (was_written)
      reader.error_at(was_single ? path + ".entity" : fmt::format("{}.entities[{}]", path, i),
                      fmt::format("[{}] is not watched; add it to `entities`", group_name(rule.entities[i])));
  }
  // Of no group is of every group, and what differs in a label of another kind is no sibling of that kind.
  const auto detector = find_detector(rule.detector);
  const bool had_groups = !rule.entities.empty();
  if (had_groups && out.empty() && !was_written && detector && (*detector)->compares_siblings) rule.is_enabled = false;
  rule.entities = std::move(out);
}

/// A detector that compares with a test set needs one. Default rules of this kind rest without, also where they are
/// written out.
void check_reference(Reader& reader, const DetectOptions& options) {
  const auto defaults = default_rules();
  for (const auto& rule : options.rules) {
    if (std::any_of(defaults.begin(), defaults.end(), [&](const auto& known) { return known.name == rule.name; }))
      continue;
    const std::string path = fmt::format("detectors.{}.detector", rule.name);
    const auto detector = find_detector(rule.detector);
    if (!options.reference.empty() || !detector || !(*detector)->compares_reference || !reader.was_written(path))
      continue;
    reader.error_at(path, fmt::format("{} compares with a test set, and there is none: write one with `tidewatch "
                                      "reference` and name it as `reference: ${{file:reference.jsonl}}`",
                                      rule.detector));
  }
}

/// What the engine says of the rules as a whole.
void check_rules(Reader& reader, const DetectOptions& options) {
  MeasureCatalog catalog;
  if (const auto rules = RuleBook::compile(options, catalog); !rules)
    reader.error_at(rules.error().code == "bad_reference" ? "reference" : "detectors", rules.error().message);
}

}  // namespace

void complete(Config& config, Reader& reader) {
  auto& [kafka, observe, assemble, session, detect, alert, validators, judge, sinks, http, log, file, origins] = config;
  detect.pane = assemble.pane;
  detect.entities = assemble.entities;
  detect.measures = assemble.measures;
  detect.currencies = assemble.currencies;
  session.pane = assemble.pane;
  session.entities = assemble.entities;
  fit_window(reader, "scores.window", detect.score_window, detect.pane);
  for (auto& rule : detect.rules) {
    fit_window(reader, fmt::format("detectors.{}.window", rule.name), rule.window, detect.pane);
    fit_groups(reader, detect.entities, rule);
  }
  check_order(reader, "trace.timeout", assemble.trace_timeout, "trace.quiet", assemble.trace_quiet);
  check_order(reader, "trace.join_horizon", assemble.join_horizon, "trace.timeout", assemble.trace_timeout);
  if (assemble.sampling.is_on() && 2 * assemble.sampling.period > assemble.join_horizon)
    reader.error_at(reader.was_written("sampling.period") ? "sampling.period" : "trace.join_horizon",
                    fmt::format("sampling.period ({}) must be at most half of trace.join_horizon ({})",
                                format_duration(assemble.sampling.period), format_duration(assemble.join_horizon)));
  check_order(reader, "session.longest", session.longest, "session.gap", session.gap);
  check_order(reader, "idle.allowance", kafka.idle_allowance, "idle.after", kafka.idle_after);
  check_topics(reader, kafka.topics);
  check_reference(reader, detect);
  if (reader.error_count() == 0)
    if (const auto made = RuleValidators::make(validators); !made) reader.error_at("validators", made.error().message);
  complete_money(config, reader);
  complete_rollouts(config, reader);
  complete_slos(config, reader);
  complete_safety(config, reader);
  complete_judge(config, reader);
  check_sinks(sinks, reader);
  if (reader.error_count() == 0) check_rules(reader, detect);
}

}  // namespace tidewatch::config
