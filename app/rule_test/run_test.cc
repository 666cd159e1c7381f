#include "app/rule_test/run_test.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "app/backtest/reasons.h"
#include "app/flow.h"
#include "app/rule_test/synthetic_traffic.h"
#include "detectors/core/params.h"
#include "stream/runtime/local_runner.h"

namespace tidewatch {
namespace {

constexpr size_t kBatch = 1000;

Timestamp time_of(const google::protobuf::Timestamp& time) {
  return Timestamp(std::chrono::seconds(time.seconds()) + std::chrono::nanoseconds(time.nanos()));
}

Duration since(const v1::Alert& alert, Timestamp start) { return time_of(alert.observed_at()) - start; }

std::string labels_in_words(const std::map<std::string, std::string>& labels) {
  std::string out;
  for (const auto& [name, value] : labels) out += fmt::format("{}{}: {}", out.empty() ? "" : ", ", name, value);
  return "{" + out + "}";
}

std::map<std::string, std::string> labels_of(const v1::Alert& alert) {
  return {alert.labels().begin(), alert.labels().end()};
}

/// All that is asked but the time and the severity.
bool is_about(const v1::Alert& alert, const ExpectedAlert& expected) {
  if (!expected.rule.empty() && alert.rule() != expected.rule) return false;
  if (!expected.measure.empty() && alert.measure() != expected.measure) return false;
  return std::all_of(expected.labels.begin(), expected.labels.end(), [&](const auto& row) {
    const auto at = alert.labels().find(row.first);
    return at != alert.labels().end() && at->second == row.second;
  });
}

bool matches(const v1::Alert& alert, const ExpectedAlert& expected, Timestamp start) {
  if (!is_about(alert, expected) || (alert.state() == "resolved") != expected.is_resolved) return false;
  if (expected.severity && alert.severity() != name_of(*expected.severity)) return false;
  const Duration at = since(alert, start);
  return (!expected.after || at >= *expected.after) && (!expected.by || at <= *expected.by);
}

std::string in_words(const ExpectedAlert& expected) {
  std::string out = expected.is_resolved ? "the end of an alert" : "an alert";
  if (!expected.rule.empty()) out += " of " + expected.rule;
  if (!expected.measure.empty()) out += " about " + expected.measure;
  if (!expected.labels.empty()) out += " on " + labels_in_words({expected.labels.begin(), expected.labels.end()});
  if (expected.severity) out += fmt::format(" of severity {}", name_of(*expected.severity));
  if (expected.after) out += " after " + format_duration(*expected.after);
  if (expected.by) out += " by " + format_duration(*expected.by);
  return out;
}

std::string in_words(const v1::Alert& alert, Timestamp start) {
  return fmt::format("{} on {} {} at {} ({})", alert.rule(), labels_in_words(labels_of(alert)), alert.transition(),
                     format_duration(since(alert, start)), alert.severity());
}

/// What one run of a test left behind.
struct Run {
  const Config* config;
  const RuleTest* test;
  std::vector<v1::Alert> alerts;
  VerdictTrace verdicts{true};
  std::map<std::string, Labels> entities;  ///< that were judged, by key
};

void work(Run& run) {
  SyntheticTraffic traffic(*run.config, *run.test);
  DetectOptions options = run.config->detect;
  options.format = WireFormat::protobuf;
  options.is_shadow = false;  // what is tested is what would be said
  LocalRunner::Options runner_options;
  runner_options.keep_history = false;
  runner_options.waits_for_sources = true;
  LocalRunner runner(runner_options,
                     {traffic.stage(),
                      detect_stage(options,
                                   [&run](const EntityMonitor& entity, const Judged& judged) {
                                     run.entities.emplace(entity.key(), entity.labels());
                                     run.verdicts.note(entity, judged);
                                   }),
                      alert_stage(run.config->alert, WireFormat::protobuf)},
                     {{Stream::fragments, 1}});
  const auto take = [&] {
    runner.run();
    for (const auto& record : runner.take_records(Stream::alerts))
      if (v1::Alert alert; alert.ParseFromString(record.value)) run.alerts.push_back(std::move(alert));
    for (const Stream unread :
         {Stream::alerts_state, Stream::incidents, Stream::quality_scores, Stream::changes, Stream::dead_letter})
      runner.take_records(unread);
  };
  for (size_t pane = 0; pane < traffic.panes(); ++pane) {
    runner.append(Stream::fragments, 0, {"", fmt::format("{}", pane), {}, kMinTimestamp});
    if ((pane + 1) % kBatch == 0) take();
  }
  take();
  runner.end_input(traffic.end() + options.allowed_lateness);
  take();
}

/// Of alerts that are what is asked but at another time or of another severity.
std::string near_misses(const Run& run, const ExpectedAlert& expected) {
  std::string out;
  for (const v1::Alert& alert : run.alerts)
    if (is_about(alert, expected)) out += (out.empty() ? "there was " : "; ") + in_words(alert, run.test->start);
  return out;
}

std::string unit_of(const Config& config, const DetectorRule& rule) {
  MeasureCatalog catalog;
  for (const auto& measure : config.detect.measures) catalog.add(measure.info);
  const auto watched = resolve_watched(catalog, rule.measures.front());
  return watched ? std::string(name_of(catalog.info(watched->measure).unit)) : "score";
}

/// Why the rule that is expected to fire did not: what its nearest verdict lacked.
std::string why_not(const Run& run, const ExpectedAlert& expected) {
  if (auto misses = near_misses(run, expected); !misses.empty()) return misses;
  if (expected.rule.empty()) return run.alerts.empty() ? "no alert fired" : "";
  const auto& rules = run.config->detect.rules;
  const auto rule = std::find_if(rules.begin(), rules.end(), [&](const auto& r) { return r.name == expected.rule; });
  if (rule == rules.end() || rule->measures.empty()) return "";
  const Timestamp from = run.test->start + expected.after.value_or(Duration::zero());
  const Timestamp to = expected.by ? run.test->start + *expected.by : kMaxTimestamp;
  const std::string watch = watch_of(*run.config, expected.rule, expected.measure);
  std::vector<TracedVerdict> verdicts;
  for (const auto& [key, labels] : run.entities) {
    const bool is_asked = std::all_of(expected.labels.begin(), expected.labels.end(),
                                      [&](const auto& row) { return labels.get(row.first) == row.second; });
    if (!is_asked) continue;
    const auto some = run.verdicts.between(key, watch, from, to);
    verdicts.insert(verdicts.end(), some.begin(), some.end());
  }
  const TracedVerdict* nearest = nearest_verdict(verdicts);
  if (nearest == nullptr) return "the rule judged nothing there: it does not watch such an entity, or has no data";
  std::string out = fmt::format("none fired; nearest at {}:", format_duration(nearest->end - run.test->start));
  for (const Reason& reason : lacking(verdicts, unit_of(*run.config, *rule))) out += " " + reason.text + ";";
  out.pop_back();
  return out;
}

}  // namespace

std::string as_expectation(const v1::Alert& alert, Timestamp start) {
  const std::string at = format_duration(since(alert, start));
  std::string out = fmt::format("{{rule: {}, labels: {}, severity: {}", alert.rule(), labels_in_words(labels_of(alert)),
                                alert.severity());
  if (alert.state() == "resolved") out += ", state: resolved";
  return fmt::format("{}, after: {}, by: {}}}", out, at, at);
}

RuleTestResult run_rule_test(const Config& config, const RuleTest& test) {
  Run run{&config, &test, {}, VerdictTrace{true}, {}};
  work(run);
  RuleTestResult out;
  std::set<std::string> explained;  // ids
  for (const ExpectedAlert& expected : test.alerts) {
    bool is_there = false;
    for (const v1::Alert& alert : run.alerts)
      if (matches(alert, expected, test.start)) {
        is_there = true;
        explained.insert(alert.id());
      }
    if (!is_there)
      out.failures.push_back(
          {expected.line, expected.column, "expected " + in_words(expected), why_not(run, expected)});
  }
  for (const ExpectedAlert& absent : test.absent)
    for (const v1::Alert& alert : run.alerts)
      if (matches(alert, absent, test.start)) {
        explained.insert(alert.id());
        out.failures.push_back(
            {absent.line, absent.column, "must be absent: " + in_words(alert, test.start), alert.why()});
      }
  for (const v1::Alert& alert : run.alerts)
    if (!test.are_others_allowed && alert.transition() == "fired" && explained.insert(alert.id()).second)
      out.failures.push_back({test.line, test.column, "not expected: " + in_words(alert, test.start), alert.why()});
  out.alerts = std::move(run.alerts);
  return out;
}

}  // namespace tidewatch
