#include <gmock/gmock.h>

#include "tests/unit/app/config/loading.h"

namespace tidewatch {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

/// The one error of a text.
std::string error_of(const std::string& yaml, const Environment& environment = test_environment()) {
  const auto errors = errors_of(yaml, environment);
  EXPECT_EQ(errors.size(), 1) << testing::PrintToString(errors);
  return errors.empty() ? "" : errors.front();
}

TEST(Keys, ThatAreUnknownAreToldWithTheNearestRightName) {
  EXPECT_EQ(error_of("detectors:\n"
                     "  - name: refusals\n"
                     "    measure: refusal_rate\n"
                     "    detector: point\n"
                     "    windw: 5m\n"),
            "tidewatch.yaml:5:5: detectors.refusals.windw: unknown key; did you mean \"window\"?");
  EXPECT_EQ(error_of("kafak: {}\n"), "tidewatch.yaml:1:1: kafak: unknown key; did you mean \"kafka\"?");
  EXPECT_EQ(error_of("zebra: {}\n"), "tidewatch.yaml:1:1: zebra: unknown key");
  EXPECT_EQ(error_of("trace:\n  quit: 5s\n"), "tidewatch.yaml:2:3: trace.quit: unknown key; did you mean \"quiet\"?");
  EXPECT_EQ(error_of("detectors:\n  - {name: a, measure: latency, detector: point, half_lif: 9}\n"),
            "tidewatch.yaml:2:50: detectors.a.half_lif: unknown key; did you mean \"half_life\"?");
}

TEST(Keys, WrittenTwiceAreRefused) {
  EXPECT_EQ(error_of("mode: live\ntime: {pane: 1m}\nmode: shadow\n"),
            "tidewatch.yaml:3:1: mode: written twice; first in line 1");
}

TEST(Keys, MustBeNames) {
  EXPECT_EQ(error_of("kafka:\n  [a, b]: c\n"), "tidewatch.yaml:2:3: kafka: a key must be a name, not a list");
}

TEST(Rollouts, SaysWhatIsWrong) {
  const auto error_of_rollout = [](const std::string& rest) {
    return error_of("rollouts:\n- {name: a, " + rest + "}\n");
  };
  const std::string guard = "guard: {error_rate: {worse_by: 1pp}}";
  EXPECT_EQ(error_of_rollout("hold: 1h"),
            "tidewatch.yaml:2:3: rollouts[0]: has neither `guard` nor `goal`: nothing "
            "would be compared");
  EXPECT_EQ(error_of_rollout("guard: {eror_rate: {worse_by: 1pp}}"),
            "tidewatch.yaml:2:3: rollouts[0]: eror_rate is no measure");
  EXPECT_EQ(error_of_rollout("guard: {cost: {worse_by: 10%}}"),
            "tidewatch.yaml:2:3: rollouts[0]: cost is a sum of all traffic, which the arms share unequally; compare a "
            "rate or a distribution, as cost_per_request or latency_p95");
  EXPECT_EQ(error_of_rollout("guard: {error_rate: {worse_by: -1pp}}"),
            "tidewatch.yaml:2:44: rollouts[0].guard.error_rate.worse_by: \"-1pp\" must not be negative");
  EXPECT_EQ(error_of_rollout(guard + ", steps: [25, 5]"),
            "tidewatch.yaml:2:58: rollouts[0].steps: must ascend, as in [5, 25, 50, 100]");
  EXPECT_EQ(error_of_rollout(guard + ", steps: [100]"),
            "tidewatch.yaml:2:58: rollouts[0].steps: must begin with less than 100: what is compared needs both arms");
  EXPECT_EQ(error_of_rollout(guard + ", arms: {control: canary}"),
            "tidewatch.yaml:2:57: rollouts[0].arms: control and treatment are both \"canary\"");
  EXPECT_EQ(error_of("rollouts:\n- {name: a, " + guard + "}\n- {name: a, " + guard + "}\n"),
            "tidewatch.yaml:3:10: rollouts[1].name: \"a\" is there already");
}

TEST(Sampling, SaysWhatIsWrong) {
  EXPECT_EQ(error_of("sampling: {random: 200%}\n"),
            "tidewatch.yaml:1:20: sampling.random: \"200%\" is out of range: 0% to 100%");
  EXPECT_EQ(error_of("sampling: {strata: [segmnt]}\n"),
            "tidewatch.yaml:1:21: sampling.strata[0]: \"segmnt\" is no label; did you mean \"segment\"? (labels of "
            "your own are defined under `labels`)");
  EXPECT_EQ(error_of("sampling: {strata: [model, model]}\n"),
            "tidewatch.yaml:1:20: sampling.strata: has \"model\" twice");
  EXPECT_EQ(error_of("sampling: {targets: {long: {rate: 50%}}}\n"),
            "tidewatch.yaml:1:28: sampling.targets.long: needs a where: conditions that must all hold, of the request "
            "as a whole");
  EXPECT_EQ(error_of("sampling: {targets: {long: {where: {field: answer_length}}}}\n"),
            "tidewatch.yaml:1:36: sampling.targets.long.where: says nothing of answer_length; use above or below");
  EXPECT_EQ(
      error_of("sampling: {random: 1%, period: 1h}\n"),
      "tidewatch.yaml:1:32: sampling.period: sampling.period (1h) must be at most half of trace.join_horizon (1h)");
}

TEST(Validators, SayWhatIsWrong) {
  EXPECT_EQ(error_of("validators: {figures: {check: nubmers}}\n"),
            "tidewatch.yaml:1:31: validators.figures.check: \"nubmers\" is no check; did you mean \"numbers\"?");
  EXPECT_EQ(error_of("validators: {figures: {where: {model: small}}}\n"),
            "tidewatch.yaml:1:23: validators.figures: needs a check: which check; its parameters stand beside it");
  EXPECT_EQ(error_of("validators: {figures: {check: numbers, min_share: 2}}\n"),
            "tidewatch.yaml:1:51: validators.figures.min_share: 2 is outside [0, 1]");
  EXPECT_EQ(error_of("validators: {figures: {check: numbers, min_shares: 1}}\n"),
            "tidewatch.yaml:1:40: validators.figures.min_shares: unknown key; did you mean \"min_share\"?");
  EXPECT_EQ(error_of("validators: {figures: {check: numbers, where: {modle: small}}}\n"),
            "tidewatch.yaml:1:55: validators.figures.where.modle: is no label; did you mean \"model\"?");
  EXPECT_EQ(error_of("judge: {model: m}\njudges: {a: {rubric: relevanc}}\n"),
            "tidewatch.yaml:2:22: judges.a.rubric: \"relevanc\" is no rubric; did you mean \"relevance\"?");
  EXPECT_EQ(error_of("judges: {a: {rubric: relevance}}\n"),
            "tidewatch.yaml:1:9: judges: judge.model is missing: which model judges?");
  EXPECT_EQ(error_of("judge: {model: m, key: sk-abc}\n"),
            "tidewatch.yaml:1:24: judge.key: is secret; write ${env:NAME} or ${file:PATH} in place of the value");
  EXPECT_EQ(
      error_of("judge: {model: m, usd_per_day: 5 USD}\n"),
      "tidewatch.yaml:1:32: judge.usd_per_day: what the model costs is not known: write judge.price, or add it to "
      "prices");
  EXPECT_EQ(error_of("judge: {model: m}\njudges: {a: {rubric: safety, pass_from: 3}}\n"),
            "tidewatch.yaml:2:41: judges.a.pass_from: the scores of safety end at 1");
  EXPECT_EQ(error_of("judge: {model: m, rubrics: {r: {version: 1, ask: really, levels: [x]}}}\n"),
            "tidewatch.yaml:1:32: judge.rubrics.r: it has 2 to 10 levels, or none for yes or no");
  EXPECT_EQ(error_of("judge: {model: m}\nvalidators: {a: {check: numbers}}\njudges: {a: {rubric: tone}}\n"),
            "tidewatch.yaml:3:13: judges.a: a validator has the same name");
  EXPECT_EQ(error_of("validators: {ours: {check: forbidden_phrases}}\n"),
            "tidewatch.yaml:1:13: validators: ours.phrases: needs at least one phrase");
  EXPECT_EQ(error_of("validators: {ours: {check: regular_expression, pattern: \"(\"}}\n"),
            "tidewatch.yaml:1:13: validators: ours.pattern: no expression: missing ): (");
}

TEST(Slos, SayWhatIsWrong) {
  const auto error_of_slo = [](const std::string& rest) {
    return error_of("slos:\n- {name: a, entity: [service], " + rest + "}\n");
  };
  EXPECT_EQ(error_of_slo("bad: error_rate, good: pass_tone, objective: 99%"),
            "tidewatch.yaml:2:3: slos[0]: write `bad` or `good`, not both");
  EXPECT_EQ(error_of_slo("objective: 99%"),
            "tidewatch.yaml:2:3: slos[0]: needs `bad` or `good`: the rate that it is about");
  EXPECT_EQ(error_of_slo("measure: error_rate, bad: error_rate, objective: 99%"),
            "tidewatch.yaml:2:32: slos[0].measure: write `bad` or `good`, by what it counts");
  EXPECT_EQ(error_of_slo("bad: latency, objective: 99%"),
            "tidewatch.yaml:2:37: slos[0].bad: \"latency\" is no rate, as error_rate is; declare one under `measures`, "
            "as in {kind: rate, of: requests, where: {field: latency, above: 2s}}");
  EXPECT_EQ(error_of_slo("bad: error_rate, objective: 99%, period: 36h"),
            "tidewatch.yaml:2:73: slos[0].period: must be whole days, as in 30d");
  EXPECT_EQ(error_of_slo("bad: error_rate, objective: 90%, burn: [{burn: 12, long: 1h, short: 5m}]"),
            "tidewatch.yaml:2:79: slos[0].burn[0].burn: cannot be: 12 times the 10 % that may be bad is more than all");
  EXPECT_EQ(error_of_slo("bad: error_rate, objective: 90%, burn: [{burn: 2, long: 1h, short: 2h}]"),
            "tidewatch.yaml:2:99: slos[0].burn[0].short: is longer than `long`");
  EXPECT_EQ(error_of("slos: [{name: a, entity: [tenant], bad: error_rate, objective: 99%}]\n"),
            "tidewatch.yaml:1:26: slos[0].entity: [tenant] is not watched; add it to `entities`");
}

TEST(Budgets, SayWhatIsWrong) {
  const auto error_of_budget = [](const std::string& rest) {
    return error_of("budgets:\n- {name: a, entity: [service], " + rest + "}\n");
  };
  EXPECT_EQ(error_of_budget("amount: 5 EUR"),
            "tidewatch.yaml:2:40: budgets[0].amount: is in EUR, whose rate is not under `currencies`");
  EXPECT_EQ(error_of_budget("amount: 5 USD, per: {rolling: 90m}"),
            "tidewatch.yaml:2:52: budgets[0].per: must be whole hours, as in {rolling: 36h}");
  EXPECT_EQ(error_of_budget("amount: 5 USD, per: yearly"),
            "tidewatch.yaml:2:52: budgets[0].per: \"yearly\" is none of day, month");
  EXPECT_EQ(error_of_budget("limit: 5 USD, amount: 5 USD"), "tidewatch.yaml:2:32: budgets[0].limit: write `amount`");
  EXPECT_EQ(error_of("budgets: [{name: a, entity: [tenant], amount: 5 USD}]\n"),
            "tidewatch.yaml:1:29: budgets[0].entity: [tenant] is not watched; add it to `entities`");
  EXPECT_EQ(
      error_of("budgets: [{name: a, entity: [service], amount: 5 USD}, {name: a, entity: [service], amount: 6 USD}]\n"),
      "tidewatch.yaml:1:63: budgets[1].name: \"a\" is there already");
}

TEST(Prices, SayWhatIsWrong) {
  EXPECT_EQ(error_of("prices: [{model: a, input: 2 EUR}]\n"),
            "tidewatch.yaml:1:10: prices[0]: is in EUR, whose rate is not under `currencies`");
  EXPECT_EQ(error_of("prices: [{model: a, input: 2 EUR, output: 3 USD}]\ncurrencies: [{currency: EUR, usd: 1.1}]\n"),
            "tidewatch.yaml:1:10: prices[0]: all amounts of a price must be in one currency");
  EXPECT_EQ(error_of("prices: [{model: a, from: 2026-02-01, until: 2026-01-01}]\n"),
            "tidewatch.yaml:1:10: prices[0]: ends before it begins");
  EXPECT_EQ(error_of("prices: [{model: a, from: 2026-2-1}]\n"),
            "tidewatch.yaml:1:27: prices[0].from: \"2026-2-1\" is no day with its year, as in 2025-04-14");
}

TEST(Weights, AreOfMeasuresThatCanBeWorse) {
  EXPECT_EQ(error_of("scores: {weights: {refusl_rate: 3}}\n"),
            "tidewatch.yaml:1:33: scores.weights.refusl_rate: is no measure; did you mean \"refusal_rate\"?");
  EXPECT_EQ(error_of("scores: {weights: {latency_p95: 3}}\n"),
            "tidewatch.yaml:1:33: scores.weights.latency_p95: is one statistic of latency, which has the weight");
  EXPECT_EQ(
      error_of("scores: {weights: {requests: 3}}\n"),
      "tidewatch.yaml:1:30: scores.weights.requests: has no worse side, so it says nothing of how good answers are");
  EXPECT_EQ(error_of("scores: {weights: {refusal_rate: 101}}\n"),
            "tidewatch.yaml:1:34: scores.weights.refusal_rate: \"101\" is out of range: 0 to 100");
  EXPECT_THAT(errors_of("measures: {short: {kind: rate, of: requests, worse: up, where: {field: output_tokens, below: "
                        "5}}}\nscores: {weights: {short: 2, score_relevance: 4, latency: 0}}\n"),
              IsEmpty());
}

TEST(Errors, AreAllReportedInTheOrderOfTheFile) {
  EXPECT_THAT(errors_of("http: {port: 70000}\n"
                        "mode: lve\n"
                        "time: {pane: 5, time_zone: Europe/Olso}\n"),
              ElementsAre("tidewatch.yaml:1:14: http.port: \"70000\" is out of range: 0 to 65535",
                          "tidewatch.yaml:2:7: mode: \"lve\" is none of live, shadow; did you mean \"live\"?",
                          "tidewatch.yaml:3:14: time.pane: \"5\" is not a duration; write a number and a unit, as in "
                          "5m, 200ms, 1h30m",
                          "tidewatch.yaml:3:28: time.time_zone: \"Europe/Olso\" is no time zone; did you mean "
                          "\"Europe/Oslo\"?"));
}

TEST(Values, OfTheWrongShapeSayWhatIsWanted) {
  EXPECT_EQ(error_of("kafka: [a]\n"), "tidewatch.yaml:1:8: kafka: must be a map of keys, not a list");
  EXPECT_EQ(error_of("mode: {a: b}\n"), "tidewatch.yaml:1:7: mode: must be a name, not a map");
  EXPECT_EQ(error_of("mode:\n"), "tidewatch.yaml:1:1: mode: must be a name, not nothing");
  EXPECT_EQ(error_of("detectors: point\n"),
            "tidewatch.yaml:1:12: detectors: must be a list of rules, not a single value");
  EXPECT_EQ(error_of("entities: [service]\n"),
            "tidewatch.yaml:1:12: entities[0]: must be a list of labels, as in [service, endpoint], not a single "
            "value");
  EXPECT_EQ(error_of("entities: []\n"), "tidewatch.yaml:1:11: entities: must not be empty");
  EXPECT_EQ(error_of("- a\n- b\n"), "tidewatch.yaml:1:1: must be a map of keys, not a list");
  EXPECT_THAT(errors_of("kafka:\nlabels:\n"), IsEmpty()) << "a section with nothing in it is as none";
}

TEST(Values, HolidaysAreDaysThatThereAre) {
  EXPECT_THAT(errors_of("time: {holidays: [2026-12-25, 12-26, {from: 2026-12-28, to: 2027-01-02}]}\n"), IsEmpty());
  EXPECT_EQ(error_of("time:\n  holidays: [2026-02-30]\n"),
            "tidewatch.yaml:2:14: time.holidays[0]: \"2026-02-30\" is no day; write year-month-day, as in 2026-12-25, "
            "or 12-25 for every year");
  EXPECT_EQ(error_of("time: {holidays: 2026-12-25}\n"),
            "tidewatch.yaml:1:18: time.holidays: must be a list of days, as in [2026-12-25, {from: 2026-12-28, to: "
            "2026-12-31}], not a single value");
  EXPECT_EQ(error_of("time: {holidays: [{from: 2026-12-28, until: 2026-12-31, to: 2026-12-30}]}\n"),
            "tidewatch.yaml:1:38: time.holidays[0].until: unknown key");
  EXPECT_EQ(error_of("time: {holidays: [{from: 2026-12-28}]}\n"),
            "tidewatch.yaml:1:19: time.holidays[0]: needs a to: last day");
  EXPECT_EQ(error_of("time: {holidays: [{from: 12-28, to: 2026-12-31}]}\n"),
            "tidewatch.yaml:1:26: time.holidays[0].from: \"12-28\" needs a year, as in 2026-12-25: it is the end of a "
            "span");
  EXPECT_EQ(error_of("time: {holidays: [{from: 2026-12-31, to: 2026-12-28}]}\n"),
            "tidewatch.yaml:1:19: time.holidays[0]: ends before it begins: from 2026-12-31 to 2026-12-28");
}

TEST(Values, ScalesAreTwoNumbersInOrder) {
  const auto* const wanted = "must be two numbers, the lowest and the highest score, as in [1, 5]";
  for (const auto* scale : {"[5, 1]", "[1]", "[1, 2, 3]", "[1, 1]"})
    EXPECT_EQ(error_of(fmt::format("scales: {{stars: {}}}\n", scale)),
              fmt::format("tidewatch.yaml:1:17: scales.stars: {}", wanted));
  EXPECT_EQ(error_of("scales: {stars: 5}\n"),
            fmt::format("tidewatch.yaml:1:17: scales.stars: {}, not a single value", wanted));
  EXPECT_EQ(error_of("scales: {stars: [1, five]}\n"), "tidewatch.yaml:1:21: scales.stars[1]: \"five\" is not a number");
  EXPECT_THAT(errors_of("scales: {stars: [1, 5], user feedback: [-1, 1]}\n"), IsEmpty());
}

TEST(Values, HaveUnits) {
  EXPECT_EQ(error_of("commit: {bytes: 8 MegaBytes}\n"),
            "tidewatch.yaml:1:17: commit.bytes: \"8 MegaBytes\" is not a size; write a number and a unit, as in 64 "
            "KiB, 8 MiB");
  EXPECT_EQ(error_of("commit: {bytes: 8 B}\n"),
            "tidewatch.yaml:1:17: commit.bytes: \"8 B\" is out of range: 1 KiB to 1 GiB");
  EXPECT_EQ(error_of("prices: [{model: a, input: 2.5}]\n"),
            "tidewatch.yaml:1:28: prices[0].input: \"2.5\" is not an amount of money; write it in USD, as in 2.5 USD");
  EXPECT_EQ(error_of("prices: [{model: a, input: -2.5 USD}]\n"),
            "tidewatch.yaml:1:28: prices[0].input: \"-2.5 USD\" is out of range: 0 USD to 1000000 USD");
  EXPECT_EQ(error_of("time: {pane: 2h}\n"), "tidewatch.yaml:1:14: time.pane: \"2h\" is out of range: 1s to 1h");
  EXPECT_EQ(error_of("false_alarms: {per_week: few}\n"),
            "tidewatch.yaml:1:26: false_alarms.per_week: \"few\" is not a number");
  EXPECT_EQ(error_of("kafka: {threads_per_stage: 1.5}\n"),
            "tidewatch.yaml:1:28: kafka.threads_per_stage: \"1.5\" is not a whole number");
  EXPECT_EQ(error_of("kafka: {static_membership: maybe}\n"),
            "tidewatch.yaml:1:28: kafka.static_membership: \"maybe\" is not true or false");
}

TEST(Names, OfTopicsAndHostsAreChecked) {
  EXPECT_EQ(error_of("topics: {traces: a b}\n"),
            "tidewatch.yaml:1:18: topics.traces: \"a b\" is no topic name; use letters, digits, `.`, `_` and `-`");
  EXPECT_EQ(error_of("topics: {traces: otlp_logs}\n"),
            "tidewatch.yaml:1:18: topics.traces: is the same topic as topics.logs");
  EXPECT_EQ(
      error_of("kafka: {brokers: [\"localhost:9092\", \"http://x:1/\"]}\n"),
      "tidewatch.yaml:1:37: kafka.brokers[1]: \"http://x:1/\" is no broker; write host:port, as in localhost:9092");
  EXPECT_EQ(error_of("http: {address: localhost}\n"),
            "tidewatch.yaml:1:17: http.address: \"localhost\" is no IPv4 address, as in 127.0.0.1");
}

TEST(Properties, AreThoseOfLibrdkafka) {
  EXPECT_EQ(error_of("kafka:\n  properties:\n    security.protocl: SSL\n"),
            "tidewatch.yaml:3:5: kafka.properties.security.protocl: \"security.protocl\" is no property of librdkafka; "
            "did you mean \"security.protocol\"?");
  EXPECT_EQ(error_of("kafka: {properties: {security.protocol: SLL}}\n"),
            "tidewatch.yaml:1:41: kafka.properties.security.protocol: Invalid value \"SLL\" for configuration property "
            "\"security.protocol\"");
  EXPECT_EQ(error_of("kafka: {properties: {group.id: mine}}\n"),
            "tidewatch.yaml:1:22: kafka.properties.group.id: is not yours to set: write its beginning as "
            "kafka.group_prefix");
  EXPECT_EQ(error_of("kafka: {properties: {sasl.password: swordfish}}\n"),
            "tidewatch.yaml:1:37: kafka.properties.sasl.password: is secret; write ${env:NAME} or ${file:PATH} in "
            "place of the value");
}

TEST(References, ThatLeadNowhereAreErrors) {
  EXPECT_EQ(error_of("mode: ${env:MODE}\n"), "tidewatch.yaml:1:7: mode: the environment variable MODE is not set");
  EXPECT_EQ(error_of("mode: ${file:/etc/mode}\n"),
            "tidewatch.yaml:1:7: mode: the file /etc/mode cannot be opened: No such file or directory");
  EXPECT_EQ(error_of("mode: ${vault:MODE}\n"),
            "tidewatch.yaml:1:7: mode: ${vault:MODE}: there are ${env:NAME} and ${file:PATH}");
  EXPECT_EQ(error_of("mode: ${MODE}\n"),
            "tidewatch.yaml:1:7: mode: \"${MODE}\" has a reference that is neither ${env:NAME} nor ${file:PATH}");
}

TEST(References, AreNeverShownInErrors) {
  const auto environment = test_environment({{"SECRET", "swordfish"}});
  EXPECT_EQ(error_of("http: {port: \"${env:SECRET}\"}\n", environment),
            "tidewatch.yaml:1:14: http.port: the value of ${env:SECRET} is not a whole number");
  for (const char* yaml :
       {"kafka: {brokers: \"a b ${env:SECRET}\"}", "kafka: {properties: {security.protocol: \"${env:SECRET}\"}}",
        "labels: {segment: \"a ${env:SECRET}\"}", "entities: [[\"${env:SECRET}\"]]", "mode: \"${env:SECRET}\"",
        "detectors: [{name: a, measure: \"${env:SECRET}\", detector: \"${env:SECRET}\", window: \"${env:SECRET}\"}]",
        "detectors: [{name: error_rate, half_life: \"${env:SECRET}\", alert: {for: \"${env:SECRET}\", min_effect: "
        "\"${env:SECRET}\"}}]",
        "topics: {logs: \"${env:SECRET}\", traces: \"${env:SECRET}\"}", "safety: {phrases: \"${env:SECRET}: [\"}",
        "measures: {a: {kind: rate, where: {field: \"${env:SECRET}\", above: \"${env:SECRET}\"}}}"}) {
    const auto errors = errors_of(std::string(yaml) + "\n", environment);
    EXPECT_FALSE(errors.empty()) << yaml;
    for (const auto& error : errors) EXPECT_EQ(error.find("swordfish"), std::string::npos) << error;
  }
}

TEST(Documents, ThatAreNoYamlSayWhere) {
  EXPECT_THAT(error_of("kafka: {brokers: [a\nmode: live\n"), StartsWith("tidewatch.yaml:2:5: not YAML: "));
  EXPECT_THAT(error_of("mode: live\n---\nmode: live\n"),
              StartsWith("tidewatch.yaml:2:1: a config is one YAML document; there are several here"));
  EXPECT_EQ(error_of("mode: *none\n"), "tidewatch.yaml:1:7: not YAML: the referenced anchor is not defined");
}

}  // namespace
}  // namespace tidewatch
