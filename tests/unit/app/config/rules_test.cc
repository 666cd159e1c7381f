#include <gmock/gmock.h>

#include "stream/detect/compiled_rule.h"
#include "tests/unit/app/config/loading.h"

namespace tidewatch {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string error_of(const std::string& yaml) {
  const auto errors = errors_of(yaml);
  EXPECT_EQ(errors.size(), 1) << testing::PrintToString(errors);
  return errors.empty() ? "" : errors.front();
}

/// A rule named `a` of these keys, on one line.
std::string rule_with(const std::string& keys) { return "detectors: [{name: a, " + keys + "}]\n"; }
std::string complete_rule_with(const std::string& keys) { return rule_with("detector: point, " + keys); }

DetectorRule rule_of(const std::string& yaml, const std::string& name) {
  const auto loaded = load(yaml);
  EXPECT_THAT(errors_of(loaded), IsEmpty());
  for (const auto& rule : loaded.config.detect.rules)
    if (rule.name == name) return rule;
  ADD_FAILURE() << "no rule " << name;
  return {};
}

TEST(Safety, APhraseThatWasFoundIsNoConfirmedCaseUnlessPeopleSaySo) {
  const auto evaluations = [](const std::string& yaml) {
    const auto loaded = load(yaml);
    EXPECT_THAT(errors_of(loaded), IsEmpty());
    return loaded.config.detect.safety_evaluations;
  };
  EXPECT_THAT(evaluations(""), ElementsAre("safety"));
  EXPECT_THAT(evaluations("validators: {safety: {check: safety}}\n"), IsEmpty());
  EXPECT_THAT(evaluations("validators: {safety: {check: personal_data}}\n"), ElementsAre("safety"));
  EXPECT_THAT(evaluations("validators: {safety: {check: safety}}\nsafety: {evaluations: [safety]}\n"),
              ElementsAre("safety"));
}

TEST(Rules, OfADetectorWithLimitsThatHaveNoDefaultAreReadAndShown) {
  const auto loaded = load("detectors: [{name: a, measure: refusal_rate, detector: threshold, above: 6%}]\n");
  ASSERT_THAT(errors_of(loaded), IsEmpty());

  const auto again = load(show_config(loaded.config));

  EXPECT_THAT(errors_of(again), IsEmpty());
  EXPECT_EQ(config_version(again.config), config_version(loaded.config));
}

TEST(Rules, NeedAMeasureADetectorAndAName) {
  EXPECT_EQ(error_of(rule_with("measure: latency_p95")),
            "tidewatch.yaml:1:13: detectors.a: needs a detector; there are point, threshold, gap, multivariate, "
            "combination, comovement, subspace, shift, drift, trend, reference, novelty, contrast");
  EXPECT_EQ(error_of(complete_rule_with("window: 5m")), "tidewatch.yaml:1:13: detectors.a: needs a measure");
  EXPECT_EQ(error_of("detectors: [{measure: latency_p95, detector: point}]\n"),
            "tidewatch.yaml:1:13: detectors[0]: needs a name");
  EXPECT_EQ(error_of("detectors: [{name: a.b, measure: latency_p95, detector: point}]\n"),
            "tidewatch.yaml:1:20: detectors[0].name: \"a.b\" is no such name; use letters, digits, `_` and `-`");
}

TEST(Rules, OfOneNameAreRefused) {
  EXPECT_EQ(error_of("detectors:\n  - {name: error_rate, window: 10m}\n  - {name: error_rate, window: 5m}\n"),
            "tidewatch.yaml:3:5: detectors[1]: a second rule named \"error_rate\"");
}

TEST(Rules, WithTheNameOfADefaultOneChangeOnlyWhatTheySay) {
  const DetectorRule changed =
      rule_of("detectors: [{name: latency_p95, window: 15m, alert: {page_above: 100%}}]\n", "latency_p95");
  EXPECT_EQ(changed.window, 15min);
  EXPECT_DOUBLE_EQ(changed.page_above.value_or(0), 1);
  for (const auto& before : default_rules())
    if (before.name == "latency_p95") {
      EXPECT_EQ(changed.measures, before.measures);
      EXPECT_EQ(changed.detector, before.detector);
      EXPECT_DOUBLE_EQ(changed.min_effect, before.min_effect);
    }
}

TEST(Rules, NameTheirDetectorRight) {
  EXPECT_EQ(error_of(rule_with("measure: latency, detector: piont")),
            "tidewatch.yaml:1:51: detectors.a.detector: \"piont\" is no detector; did you mean \"point\"?");
}

TEST(Rules, ParametersAreCheckedByTheDetector) {
  EXPECT_EQ(error_of(complete_rule_with("measure: latency, half_life: 2")),
            "tidewatch.yaml:1:69: detectors.a.half_life: 2 is outside [8, 1000000]");
  EXPECT_EQ(error_of(complete_rule_with("measure: latency, params: {season: 7}")),
            "tidewatch.yaml:1:75: detectors.a.season: \"7\" is not true or false");
  EXPECT_EQ(error_of(complete_rule_with("measure: latency, params: {seson: true}")),
            "tidewatch.yaml:1:67: detectors.a.seson: unknown key; did you mean \"season\"?");
  const auto rule = rule_of(complete_rule_with("measure: latency, params: {season: false}, min_spread: 5%"), "a");
  EXPECT_THAT(rule.settings, ElementsAre(std::pair<std::string, std::string>("season", "false"),
                                         std::pair<std::string, std::string>("min_spread", "5%")));
}

TEST(Rules, WatchAsManyMeasuresAsTheirDetectorCan) {
  EXPECT_EQ(
      error_of(complete_rule_with("measures: [latency_p95, error_rate]")),
      "tidewatch.yaml:1:50: detectors.a.measures: point watches one measure, not 2: write a rule for each, or the "
      "detector multivariate to judge them together");
  EXPECT_EQ(
      error_of(rule_with("detector: multivariate, measure: latency_p95")),
      "tidewatch.yaml:1:56: detectors.a.measure: multivariate judges several measures together; for one alone use "
      "point or shift");
  EXPECT_EQ(error_of(rule_with("detector: multivariate, measures: [latency_p95]")),
            "tidewatch.yaml:1:57: detectors.a.measures: multivariate judges several measures together; for one alone "
            "use point or shift");
  // A default rule that becomes one of another detector keeps its measures.
  EXPECT_THAT(error_of("detectors: [{name: slow_and_failing, detector: point}]\n"),
              ::testing::HasSubstr("point watches one measure, not 2"));
  EXPECT_EQ(rule_of(rule_with("detector: multivariate, measures: [latency_p95, error_rate]"), "a").measures.size(), 2U);
}

TEST(Rules, SayHowManyObservationsAreJudgedAtLeast) {
  EXPECT_EQ(rule_of(complete_rule_with("measure: latency_p95, min_count: 50"), "a").min_count, 50U);
  EXPECT_EQ(rule_of(complete_rule_with("measure: latency_p95"), "a").min_count, 10U);
  EXPECT_THAT(error_of(complete_rule_with("measure: latency_p95, min_count: 0")), ::testing::HasSubstr("min_count"));
}

TEST(Rules, NoParameterHasTheNameOfARuleKey) {
  const auto loaded = load(complete_rule_with("measure: latency"));
  for (const auto& detector : describe_detectors())
    for (const auto& param : detector.params)
      for (const char* key : {"name", "enabled", "detector", "measure", "measures", "entity", "entities", "window",
                              "direction", "min_count", "alert", "params"})
        EXPECT_NE(param.name, key) << detector.name;
}

TEST(Measures, OfRulesMustBeThere) {
  EXPECT_EQ(error_of(complete_rule_with("measure: refusl_rate")),
            "tidewatch.yaml:1:49: detectors.a.measure: \"refusl_rate\" is no measure; did you mean \"refusal_rate\"?");
  EXPECT_EQ(error_of(complete_rule_with("measures: [latency_p90]")),
            "tidewatch.yaml:1:51: detectors.a.measures[0]: \"latency_p90\" is no statistic of latency; there are mean, "
            "p50, p95, p99");
  EXPECT_EQ(error_of(complete_rule_with("measure: error_rate_p95")),
            "tidewatch.yaml:1:49: detectors.a.measure: \"error_rate_p95\" is not there: error_rate is a rate, which "
            "has no statistics");
  EXPECT_EQ(error_of(complete_rule_with("measure: models")),
            "tidewatch.yaml:1:49: detectors.a.measure: \"models\" is a composition, whose categories point cannot "
            "judge; drift can");
  EXPECT_EQ(
      error_of(rule_with("measure: error_rate, detector: drift")),
      "tidewatch.yaml:1:32: detectors.a.measure: \"error_rate\" is one number, so it has no categories or classes "
      "of values for drift to judge");
  EXPECT_EQ(
      error_of(rule_with("measure: latency_p95, detector: drift")),
      "tidewatch.yaml:1:32: detectors.a.measure: \"latency_p95\" is one number of a distribution, and drift judges "
      "the whole of it: leave out _p95");
  EXPECT_THAT(errors_of(rule_with("measure: latency, detector: drift")), IsEmpty());
  EXPECT_THAT(errors_of(rule_with("measure: models, detector: drift")), IsEmpty());
  EXPECT_EQ(error_of(complete_rule_with("measure: latency, measures: [error_rate]")),
            "tidewatch.yaml:1:68: detectors.a.measures: write measure or measures, not both");
  EXPECT_EQ(error_of(complete_rule_with("measures: [latency, score_*]")),
            "tidewatch.yaml:1:50: detectors.a.measures: a pattern stands alone");
}

TEST(Measures, OfEvaluationsNeedNoDefinition) {
  EXPECT_THAT(rule_of(complete_rule_with("measure: score_faithfulness_p50"), "a").measures,
              ElementsAre("score_faithfulness_p50"));
  EXPECT_THAT(rule_of(complete_rule_with("measure: pass_*"), "a").measures, ElementsAre("pass_*"));
}

TEST(Windows, AreMultiplesOfThePane) {
  EXPECT_EQ(error_of(complete_rule_with("measure: latency, window: 90s")),
            "tidewatch.yaml:1:66: detectors.a.window: 1m30s is not a multiple of the pane, 1m");
  EXPECT_EQ(error_of("time: {pane: 2m}\nscores: {window: 5m}\n"),
            "tidewatch.yaml:2:18: scores.window: 5m is not a multiple of the pane, 2m");
  EXPECT_THAT(errors_of("time: {pane: 7m}\n"), IsEmpty()) << "windows that are not written follow";
}

TEST(Alerts, MayCountInWindowsOrInTime) {
  const auto rule = rule_of(complete_rule_with("measure: latency, alert: {for: 15m, resolve_after: 2}"), "a");
  EXPECT_EQ(rule.for_windows, 3);
  EXPECT_EQ(rule.resolve_after, 2);
  EXPECT_EQ(error_of(complete_rule_with("measure: latency, alert: {for: 7m}")),
            "tidewatch.yaml:1:71: detectors.a.alert.for: \"7m\" is not a multiple of the window, 5m");
  EXPECT_EQ(error_of(complete_rule_with("measure: latency, alert: {for: 0}")),
            "tidewatch.yaml:1:71: detectors.a.alert.for: \"0\" is neither a whole number of windows from 1 to 1000 nor "
            "a duration of as many");
}

TEST(Alerts, EffectsAreRelativeOrInTheUnitOfTheMeasure) {
  const auto of = [](const std::string& measure, const std::string& effect) {
    return complete_rule_with("measure: " + measure + ", alert: {min_effect: " + effect + "}");
  };
  const auto relative = rule_of(of("latency", "15%"), "a");
  EXPECT_DOUBLE_EQ(relative.min_effect, 0.15);
  EXPECT_DOUBLE_EQ(relative.min_effect_absolute, 0);
  EXPECT_DOUBLE_EQ(rule_of(of("error_rate", "0.5pp"), "a").min_effect_absolute, 0.005);
  EXPECT_DOUBLE_EQ(rule_of(of("error_rate", "0.5pp"), "a").min_effect, 0) << "what is not written is not needed";
  EXPECT_DOUBLE_EQ(rule_of(of("cost", "20 USD"), "a").min_effect_absolute, 20);
  EXPECT_DOUBLE_EQ(rule_of(of("output_tokens", "50 tokens"), "a").min_effect_absolute, 50);
  EXPECT_EQ(error_of(of("latency", "0.15")),
            "tidewatch.yaml:1:78: detectors.a.alert.min_effect: \"0.15\" is no effect; write 15% (relative), or "
            "0.5pp, 200ms, 0.01 USD, 50 tokens (absolute)");
  EXPECT_EQ(error_of(of("latency", "0.5pp")),
            "tidewatch.yaml:1:78: detectors.a.alert.min_effect: is in share, but latency is in seconds");
  EXPECT_EQ(error_of(of("latency", "[15%, 10%]")),
            "tidewatch.yaml:1:78: detectors.a.alert.min_effect: takes one relative and one absolute effect at most");
}

TEST(Entities, AreOfLabelsThatAreThere) {
  EXPECT_EQ(error_of("entities: [[service, segmnt]]\n"),
            "tidewatch.yaml:1:22: entities[0][1]: \"segmnt\" is no label; did you mean \"segment\"? (labels of your "
            "own are defined under `labels`)");
  EXPECT_THAT(errors_of("labels: {tier: app.tier}\nentities: [[service, tier]]\n"), IsEmpty());
  EXPECT_THAT(errors_of("entities: [[service, environment, provider, model]]\n"), IsEmpty());
  EXPECT_EQ(error_of("entities: [[service, service]]\n"), "tidewatch.yaml:1:12: entities[0]: has \"service\" twice");
  EXPECT_EQ(error_of("entities: [[service, model], [model, service]]\n"),
            "tidewatch.yaml:1:30: entities[1]: [model, service] is there already");
  EXPECT_EQ(error_of("labels: {Region: cloud.region}\n"),
            "tidewatch.yaml:1:10: labels.Region: \"Region\" is no such name; use small letters, digits and `_`");
}

TEST(Entities, OfRulesAreWatchedOnes) {
  EXPECT_EQ(error_of(complete_rule_with("measure: latency, entity: [service, segment]")),
            "tidewatch.yaml:1:66: detectors.a.entity: [service, segment] is not watched; add it to `entities`");
  EXPECT_EQ(error_of(complete_rule_with("measure: latency, entities: [[service], [user]]")),
            "tidewatch.yaml:1:80: detectors.a.entities[1]: [user] is not watched; add it to `entities`");
  EXPECT_THAT(rule_of(complete_rule_with("measure: latency, entity: [endpoint, service]"), "a").entities,
              ElementsAre(EntityGroup{"service", "endpoint"}))
      << "the order of the watched group counts: it makes the key";
}

TEST(Spans, OfTimeMustFitTogether) {
  EXPECT_EQ(error_of("trace: {quiet: 2m}\n"),
            "tidewatch.yaml:1:16: trace.quiet: trace.timeout (1m) must be at least trace.quiet (2m)");
  EXPECT_EQ(error_of("trace: {join_horizon: 30s}\n"),
            "tidewatch.yaml:1:23: trace.join_horizon: trace.join_horizon (30s) must be at least trace.timeout (1m)");
  EXPECT_EQ(error_of("idle: {after: 2m}\n"),
            "tidewatch.yaml:1:15: idle.after: idle.allowance (30s) must be at least idle.after (2m)");
}

TEST(OwnMeasures, AreCheckedByKind) {
  const auto of = [](const std::string& keys) { return "measures: {a: {" + keys + "}}\n"; };
  EXPECT_EQ(error_of(of("of: requests")), "tidewatch.yaml:1:15: measures.a: needs a kind: kind of measure");
  EXPECT_EQ(error_of(of("kind: rate")),
            "tidewatch.yaml:1:15: measures.a: needs a where: a rate is the share of what fulfils it");
  EXPECT_EQ(error_of(of("kind: distribution")),
            "tidewatch.yaml:1:15: measures.a: needs a value: a distribution is of something");
  EXPECT_EQ(error_of(of("kind: distribution, value: model")),
            "tidewatch.yaml:1:43: measures.a.value: model is a text; a distribution is of numbers");
  EXPECT_EQ(error_of(of("kind: distinct, value: latency")),
            "tidewatch.yaml:1:39: measures.a.value: latency is a number; a distinct is of texts");
  EXPECT_EQ(error_of(of("kind: rate, value: latency, where: {field: latency, above: 1s}")),
            "tidewatch.yaml:1:35: measures.a.value: a rate has no value; it is the share of what fulfils `where`");
  EXPECT_EQ(error_of(of("kind: median")),
            "tidewatch.yaml:1:22: measures.a.kind: \"median\" is none of rate, distribution, sum, distinct, "
            "composition");
  EXPECT_THAT(errors_of(of("kind: sum")), IsEmpty()) << "counts";
}

TEST(OwnMeasures, HaveNamesOfTheirOwn) {
  const auto named = [](const std::string& name) { return "measures: {" + name + ": {kind: sum}}\n"; };
  EXPECT_EQ(error_of(named("latency")),
            "tidewatch.yaml:1:12: measures.latency: \"latency\" is a built-in measure; choose another name");
  EXPECT_EQ(error_of(named("score_x")),
            "tidewatch.yaml:1:12: measures.score_x: \"score_x\" begins like the measures of evaluations; choose "
            "another name");
  EXPECT_EQ(error_of(named("mine_p95")),
            "tidewatch.yaml:1:12: measures.mine_p95: \"mine_p95\" ends like a statistic; choose another name");
}

TEST(OwnMeasures, ConditionsFitTheirField) {
  const auto of = [](const std::string& where) { return "measures: {a: {kind: rate, where: {" + where + "}}}\n"; };
  EXPECT_EQ(error_of(of("field: output_tokns, above: 1")),
            "tidewatch.yaml:1:43: measures.a.where.field: \"output_tokns\" is no fact of requests and calls; did you "
            "mean \"output_tokens\"?");
  EXPECT_EQ(error_of(of("field: model, above: 1")),
            "tidewatch.yaml:1:57: measures.a.where.above: model is a text; use in or not_in");
  EXPECT_EQ(error_of(of("field: latency, in: [a]")),
            "tidewatch.yaml:1:57: measures.a.where.in: latency is a number; use above or below");
  EXPECT_EQ(error_of(of("field: latency")),
            "tidewatch.yaml:1:35: measures.a.where: says nothing of latency; use above or below");
}

TEST(OwnMeasures, HaveTheUnitOfWhatTheyMeasure) {
  const auto unit = [](const std::string& keys) {
    const auto loaded = load("measures: {a: {" + keys + "}}\n");
    EXPECT_THAT(errors_of(loaded), IsEmpty());
    return loaded.config.assemble.measures.at(0).info.unit;
  };
  EXPECT_EQ(unit("kind: distribution, value: latency"), Unit::seconds);
  EXPECT_EQ(unit("kind: sum, value: cost"), Unit::usd);
  EXPECT_EQ(unit("kind: sum"), Unit::count);
  EXPECT_EQ(unit("kind: rate, where: {field: latency, above: 2s}"), Unit::share);
  EXPECT_EQ(unit("kind: distinct, value: user"), Unit::count);
  EXPECT_EQ(unit("kind: distribution, value: latency, unit: score"), Unit::score);
}

TEST(Yaml, AnchorsAliasesAndMergeKeysWork) {
  const auto loaded = load(
      "detectors:\n"
      "  - &slow {name: latency_p95, window: 15m, alert: &alert {min_effect: 30%}}\n"
      "  - {<<: *slow, name: slow-search, detector: point, measure: retrieval_latency_p95, alert: *alert}\n");
  EXPECT_THAT(errors_of(loaded), IsEmpty());
  const DetectorRule& rule = loaded.config.detect.rules.back();
  EXPECT_EQ(rule.name, "slow-search");
  EXPECT_EQ(rule.window, 15min);
  EXPECT_DOUBLE_EQ(rule.min_effect, 0.3);
}

}  // namespace
}  // namespace tidewatch
