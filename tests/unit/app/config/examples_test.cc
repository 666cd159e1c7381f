#include <gmock/gmock.h>

#include "tests/unit/app/config/loading.h"

namespace tidewatch {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const DetectorRule& rule(const Config& config, const std::string& name) {
  for (const auto& rule : config.detect.rules)
    if (rule.name == name) return rule;
  ADD_FAILURE() << "no rule " << name;
  static const DetectorRule kNone;
  return kNone;
}

TEST(Examples, TheSmallOneIsFiveLinesAndValid) {
  const std::string yaml = source_file("docs/examples/tidewatch.yaml");
  EXPECT_EQ(std::count(yaml.begin(), yaml.end(), '\n'), 5);
  const auto loaded = load(yaml);
  EXPECT_THAT(errors_of(loaded), IsEmpty());
  EXPECT_THAT(loaded.config.kafka.brokers, ElementsAre("localhost:9092"));
  EXPECT_DOUBLE_EQ(rule(loaded.config, "refusals").min_effect, 0.15);
}

TEST(Examples, WithoutAConfigTheDefaultsOfTheOptionsApply) {
  const Config config = default_config();
  const KafkaOptions kafka;
  EXPECT_EQ(config.kafka.commit_interval, kafka.commit_interval);
  EXPECT_EQ(config.assemble.entities, default_entities());
  EXPECT_EQ(config.detect.entities, default_entities());
  EXPECT_EQ(config.detect.rules.size(), default_rules().size());
  EXPECT_EQ(config.detect.config_version.size(), 12);
}

TEST(Full, TheJudgeComesThrough) {
  const auto loaded = load_full();
  ASSERT_THAT(errors_of(loaded), IsEmpty());
  const JudgeOptions& judge = loaded.config.judge;
  EXPECT_EQ(judge.chat.key, "open-sesame");
  EXPECT_EQ(judge.chat.headers, (std::map<std::string, std::string>{{"X-Team", "quality"}}));
  EXPECT_EQ(judge.chat.form, AnswerForm::json_object);
  EXPECT_EQ(judge.chat.usd_per_day, 25);
  ASSERT_TRUE(judge.chat.price);
  EXPECT_EQ(judge.chat.price->output, 0.6);
  EXPECT_EQ(judge.backlog.capacity, 5'000);
  EXPECT_THAT(judge.backlog.expire, ElementsAre(48h, 12h, 2h));
  EXPECT_EQ(judge.limits.documents, 64 << 10);
  ASSERT_EQ(judge.rubrics.size(), 2);
  EXPECT_TRUE(judge.rubrics[0].is_yes_or_no());
  EXPECT_EQ(judge.rubrics[1].passes_from(), 3);
  ASSERT_EQ(judge.rules.size(), 3);
  EXPECT_EQ(judge.rules[0].share, 0.5);
  EXPECT_EQ(judge.rules[1].where.at("endpoint").size(), 2);
}

TEST(Judge, WhatItCostsIsKnownFromPrices) {
  const auto loaded = load(
      "judge: {model: gpt-x-mini, usd_per_day: 1 USD}\n"
      "prices: [{model: gpt-x*, input: 2 USD, output: 8 USD}]\njudges: {a: {rubric: tone}}\n");
  ASSERT_THAT(errors_of(loaded), IsEmpty());
  ASSERT_TRUE(loaded.config.judge.chat.price);
  EXPECT_EQ(loaded.config.judge.chat.price->input, 2);
}

TEST(Judge, ItsCredentialsDecideAboutNothing) {
  const auto version = [](const std::string& key) {
    return config_version(
        load("judge: {model: m, key: \"${env:KEY}\"}\njudges: {a: {rubric: tone}}\n", test_environment({{"KEY", key}}))
            .config);
  };
  EXPECT_EQ(version("one"), version("two"));
  EXPECT_NE(version("one"), config_version(default_config()));
}

TEST(Full, KafkaComesThrough) {
  const auto loaded = load_full();
  ASSERT_THAT(errors_of(loaded), IsEmpty());
  const KafkaOptions& kafka = loaded.config.kafka;
  EXPECT_THAT(kafka.brokers, ElementsAre("localhost:9092", "localhost:9093"));
  EXPECT_EQ(kafka.properties, (std::map<std::string, std::string>{{"security.protocol", "SASL_SSL"},
                                                                  {"sasl.mechanism", "SCRAM-SHA-512"},
                                                                  {"sasl.username", "tidewatch"},
                                                                  {"sasl.password", "swordfish"}}));
  EXPECT_EQ(kafka.group_prefix, "tidewatch-eu");
  EXPECT_EQ(kafka.instance, "engine-3");
  EXPECT_TRUE(kafka.static_membership);
  EXPECT_EQ(kafka.threads_per_stage, 2);
  EXPECT_EQ(kafka.transaction_timeout, 30s);
  EXPECT_EQ(kafka.session_timeout, 15s);
  EXPECT_EQ(kafka.broker_timeout, 1min);
  EXPECT_EQ(kafka.dead_letter_bytes, 32 * 1024);
  EXPECT_EQ(kafka.commit_interval, 500ms);
  EXPECT_EQ(kafka.commit_bytes, 4 << 20);
  EXPECT_EQ(kafka.stall_timeout, 2min);
  EXPECT_EQ(kafka.idle_policy, IdlePolicy::hold);
  EXPECT_EQ(kafka.idle_after, 10s);
  EXPECT_EQ(kafka.idle_allowance, 1min);
}

TEST(Full, TopicsComeThrough) {
  const Config config = load_full().config;
  const auto topic = [&](Stream stream) { return config.kafka.topics.of(stream); };
  EXPECT_EQ(topic(Stream::traces), "traces");
  EXPECT_EQ(topic(Stream::logs), "logs");
  EXPECT_EQ(topic(Stream::feedback), "shop.feedback");
  EXPECT_EQ(topic(Stream::evaluations), "shop.evaluations");
  EXPECT_EQ(topic(Stream::fragments), "tw.fragments");
  EXPECT_EQ(topic(Stream::partials), "tw.partials");
  EXPECT_EQ(topic(Stream::turns), "tw.turns");
  EXPECT_EQ(topic(Stream::eval_requests), "tw.eval-requests");
  EXPECT_EQ(topic(Stream::progress), "tw.progress");
  EXPECT_EQ(topic(Stream::state), "tw.state");
  EXPECT_EQ(topic(Stream::quality_scores), "tw.quality-scores");
  EXPECT_EQ(topic(Stream::alerts), "tw.alerts");
  EXPECT_EQ(topic(Stream::alerts_state), "tw.alerts.state");
  EXPECT_EQ(topic(Stream::rollouts), "tw.rollouts");
  EXPECT_EQ(topic(Stream::changes), "tw.changes");
  EXPECT_EQ(topic(Stream::reviews), "tw.reviews");
  EXPECT_EQ(topic(Stream::dead_letter), "tw.dead-letter");
}

TEST(Full, RolloutsComeThrough) {
  const Config config = load_full().config;
  ASSERT_EQ(config.detect.rollouts.size(), 1);
  const RolloutRule& rule = config.detect.rollouts[0];
  EXPECT_EQ(rule.name, "prompt-v13");
  EXPECT_EQ(rule.where.at("service"), std::vector<std::string>{"shop"});
  EXPECT_EQ(rule.label, "variant");
  EXPECT_EQ(rule.control, "v12");
  EXPECT_EQ(rule.treatment, "v13");
  EXPECT_EQ(rule.units, (std::vector<std::string>{"user", "session"}));
  EXPECT_EQ(rule.plan.steps, (std::vector<double>{0.05, 0.25, 0.5})) << "all of it is the end";
  EXPECT_EQ(rule.plan.hold, 1h);
  EXPECT_EQ(rule.plan.warm_up, 10min);
  EXPECT_EQ(rule.plan.min_requests, 200);
  EXPECT_NEAR(rule.plan.alpha, 0.01, 1e-12);
  EXPECT_EQ(rule.plan.longest, 168h);
  EXPECT_FALSE(rule.plan.checks_sample_ratio);
  ASSERT_EQ(rule.guards.size(), 3);
  EXPECT_EQ(rule.guards[0].measure, "refusal_rate");
  EXPECT_NEAR(rule.guards[0].by, 0.005, 1e-12);
  EXPECT_FALSE(rule.guards[0].is_relative);
  EXPECT_EQ(rule.guards[1].measure, "latency_p95");
  EXPECT_NEAR(rule.guards[1].by, 0.1, 1e-12);
  EXPECT_TRUE(rule.guards[1].is_relative);
  EXPECT_TRUE(rule.guards[2].is_goal);
  EXPECT_EQ(rule.flag_file, "/run/tidewatch/prompt-v13.json");
  EXPECT_EQ(rule.drill_every, 336h);
  EXPECT_EQ(config.assemble.rollouts.size(), 1) << "who counts it must know it, too";
}

TEST(Full, ObserveComesThrough) {
  const ObserveOptions observe = load_full().config.observe;
  EXPECT_EQ(observe.traces_encoding, OtlpEncoding::protobuf);
  EXPECT_EQ(observe.logs_encoding, OtlpEncoding::json);
  EXPECT_EQ(observe.label_keys, (LabelKeys{{"segment", {"app.user.segment"}},
                                           {"variant", {"app.variant", "experiment.arm"}},
                                           {"prompt_version", {"app.prompt.version"}},
                                           {"retrieval", {"app.retrieval.strategy"}},
                                           {"tier", {"app.customer.tier"}}}));
  ASSERT_EQ(observe.score_ranges.size(), 2);
  EXPECT_EQ(observe.score_ranges.at("helpfulness").min, 1);
  EXPECT_EQ(observe.score_ranges.at("helpfulness").max, 7);
  EXPECT_EQ(observe.score_ranges.at("user feedback").max, 100);
  EXPECT_EQ(observe.max_future, 5min);
  EXPECT_EQ(observe.out_of_order, 20s);
  EXPECT_EQ(observe.safety_phrases + "\n", source_file("docs/examples/unsafe-phrases.yaml"));
}

TEST(Full, SessionComesThrough) {
  const Config config = load_full().config;
  EXPECT_THAT(config.assemble.sessions_by, ElementsAre("session", "user"));
  EXPECT_EQ(config.session.gap, 20min);
  EXPECT_EQ(config.session.longest, 8h);
  EXPECT_EQ(config.session.rephrase_within, 3min);
  EXPECT_EQ(config.session.rephrase_distance, 18);
  EXPECT_EQ(config.session.pane, config.assemble.pane);
  EXPECT_EQ(config.session.entities, config.assemble.entities);
}

TEST(Full, AssembleComesThrough) {
  const AssembleOptions assemble = load_full().config.assemble;
  EXPECT_EQ(assemble.pane, 2min);
  EXPECT_THAT(assemble.entities,
              ElementsAre(EntityGroup{"service"}, EntityGroup{"service", "endpoint"},
                          EntityGroup{"service", "endpoint", "model"}, EntityGroup{"service", "tier"}));
  EXPECT_EQ(assemble.trace_quiet, 5s);
  EXPECT_EQ(assemble.trace_timeout, 2min);
  EXPECT_EQ(assemble.join_horizon, 2h);
  EXPECT_EQ(assemble.max_spans_per_trace, 5000);
  EXPECT_EQ(assemble.ignored_endpoints, std::vector<std::string>{"/internal/*"});
  ASSERT_EQ(assemble.prices.size(), 2);
  const ModelPrice& price = assemble.prices[0];
  EXPECT_EQ(price.model, "gpt-x*");
  EXPECT_EQ(price.provider, "openai");
  EXPECT_DOUBLE_EQ(price.input, 2.5);
  EXPECT_DOUBLE_EQ(price.output, 10);
  EXPECT_DOUBLE_EQ(price.cached_input.value_or(0), 1.25);
  EXPECT_DOUBLE_EQ(price.cache_write.value_or(0), 3);
  EXPECT_DOUBLE_EQ(price.per_call, 0.001);
  EXPECT_DOUBLE_EQ(price.reasoning.value_or(0), 12);
  ASSERT_EQ(price.tiers.size(), 1);
  EXPECT_EQ(price.tiers[0].above, 200'000);
  EXPECT_DOUBLE_EQ(price.tiers[0].reasoning.value_or(0), 18);
  ASSERT_EQ(price.service_tiers.size(), 1);
  EXPECT_EQ(price.service_tiers[0].name, "batch");
  EXPECT_DOUBLE_EQ(price.service_tiers[0].share, 0.5);
  EXPECT_EQ(price.from, Timestamp(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)));
  EXPECT_EQ(price.until, Timestamp(std::chrono::sys_days(std::chrono::year(2027) / 1 / 1)));
  EXPECT_EQ(assemble.prices[1].currency, "EUR");
  ASSERT_EQ(assemble.currencies.size(), 1);
  EXPECT_DOUBLE_EQ(assemble.currencies[0].usd, 1.1);
  EXPECT_FALSE(assemble.has_shipped_prices);
}

TEST(Full, SafetyEvaluationsComeThrough) {
  EXPECT_EQ(load_full().config.detect.safety_evaluations, (std::vector<std::string>{"safety", "leaks"}));
}

TEST(Full, SlosComeThrough) {
  const auto loaded = load_full();
  const auto& slos = loaded.config.detect.slos;
  ASSERT_EQ(slos.size(), 2);
  const SloRule& answers = slos[0];
  EXPECT_EQ(answers.name, "answers");
  EXPECT_EQ(answers.entity, (EntityGroup{"service", "endpoint"}));
  EXPECT_EQ(answers.where.at("endpoint"), (std::vector<std::string>{"/chat", "/rag/*"}));
  EXPECT_EQ(answers.measure, "error_rate");
  EXPECT_FALSE(answers.is_good);
  EXPECT_NEAR(answers.objective, 0.995, 1e-12);
  EXPECT_EQ(answers.period, Duration(168h));
  ASSERT_EQ(answers.burns.size(), 2);
  EXPECT_EQ(answers.burns[0], (BurnRule{10, 1h, 5min, Severity::page}));
  EXPECT_EQ(answers.burns[1], (BurnRule{2, 12h, 1h, Severity::ticket}));
  EXPECT_EQ(answers.alert_at, (std::vector<double>{0.75, 1}));
  EXPECT_EQ(answers.min_events, 50);
  EXPECT_EQ(answers.min_bad, 5);
  EXPECT_EQ(slos[1].measure, "positive_feedback");
  EXPECT_TRUE(slos[1].is_good);
  EXPECT_TRUE(slos[1].burns.empty()) << "those of the Workbook";
}

TEST(Full, BudgetsComeThrough) {
  const DetectOptions detect = load_full().config.detect;
  ASSERT_EQ(detect.budgets.size(), 2);
  const BudgetRule& daily = detect.budgets[0];
  EXPECT_EQ(daily.name, "reports");
  EXPECT_EQ(daily.entity, (EntityGroup{"service", "endpoint"}));
  EXPECT_THAT(daily.where.at("endpoint"), ElementsAre("/report", "/rag/*"));
  EXPECT_DOUBLE_EQ(daily.amount, 50);
  EXPECT_EQ(daily.currency, "EUR");
  EXPECT_EQ(daily.per, BudgetRule::Per::day);
  EXPECT_EQ(daily.time_zone, "Europe/Oslo");
  EXPECT_THAT(daily.alert_at, ElementsAre(0.8, 1.0));
  EXPECT_DOUBLE_EQ(daily.page_at, 1.2);
  EXPECT_FALSE(daily.forecasts);
  EXPECT_EQ(detect.budgets[1].per, BudgetRule::Per::rolling);
  EXPECT_EQ(detect.budgets[1].rolling, 168h);
  EXPECT_EQ(detect.budgets[1].time_zone, detect.time_zone) << "that of the seasons";
  EXPECT_EQ(detect.currencies.size(), 1) << "for budgets, too";
}

TEST(Full, MeasuresComeThrough) {
  const auto measures = load_full().config.assemble.measures;
  ASSERT_EQ(measures.size(), 2);
  const CustomMeasure& rate = measures[0];
  EXPECT_EQ(rate.info.name, "long_answers");
  EXPECT_EQ(rate.info.kind, MeasureKind::rate);
  EXPECT_EQ(rate.info.unit, Unit::share);
  EXPECT_EQ(rate.info.measure_class, MeasureClass::cost);
  EXPECT_EQ(rate.info.worse, Worse::up);
  EXPECT_DOUBLE_EQ(rate.info.index_weight, 0.5);
  EXPECT_EQ(rate.info.help, "answers of more than 2,000 tokens by the smaller models");
  EXPECT_EQ(rate.of, CountedOver::llm_calls);
  ASSERT_EQ(rate.where.size(), 3);
  EXPECT_EQ(rate.where[0].field, "output_tokens");
  EXPECT_DOUBLE_EQ(rate.where[0].above.value_or(0), 2000);
  EXPECT_DOUBLE_EQ(rate.where[0].below.value_or(0), 100000);
  EXPECT_THAT(rate.where[1].in, ElementsAre("small", "medium"));
  EXPECT_THAT(rate.where[2].not_in, ElementsAre("internal"));
  const CustomMeasure& latency = measures[1];
  EXPECT_EQ(latency.info.kind, MeasureKind::distribution);
  EXPECT_EQ(latency.info.unit, Unit::seconds);
  EXPECT_EQ(latency.of, CountedOver::retrievals);
  EXPECT_EQ(latency.value, "latency");
}

TEST(Full, RulesComeThrough) {
  const Config config = load_full().config;
  EXPECT_EQ(config.detect.rules.size(), default_rules().size() + 2);
  const DetectorRule& refusals = rule(config, "refusals");
  EXPECT_EQ(refusals.detector, "point");
  EXPECT_THAT(refusals.measures, ElementsAre("refusal_rate"));
  EXPECT_THAT(refusals.entities,
              ElementsAre(EntityGroup{"service", "endpoint"}, EntityGroup{"service", "endpoint", "model"}));
  EXPECT_EQ(refusals.window, 10min);
  EXPECT_EQ(refusals.direction, Direction::up);
  EXPECT_THAT(refusals.settings, ElementsAre(std::pair<std::string, std::string>("half_life", "288")));
  EXPECT_DOUBLE_EQ(refusals.min_effect, 0.15);
  EXPECT_DOUBLE_EQ(refusals.min_effect_absolute, 0.005);
  EXPECT_EQ(refusals.severity, Severity::ticket);
  EXPECT_DOUBLE_EQ(refusals.page_above.value_or(0), 0.4);
  EXPECT_EQ(refusals.for_windows, 2);
  EXPECT_EQ(refusals.resolve_after, 6);
  const DetectorRule& searches = rule(config, "searches");
  EXPECT_TRUE(searches.is_enabled);
  EXPECT_THAT(searches.entities, ElementsAre(EntityGroup{"service"}));
  EXPECT_EQ(searches.settings.size(), 2);
  EXPECT_DOUBLE_EQ(searches.min_effect, 0);
  EXPECT_DOUBLE_EQ(searches.min_effect_absolute, 0.2);
  EXPECT_FALSE(rule(config, "hedging_rate").is_enabled);
}

TEST(Full, TheRestComesThrough) {
  const Config config = load_full().config;
  EXPECT_TRUE(config.detect.is_shadow);
  EXPECT_EQ(config.detect.format, WireFormat::protobuf);
  EXPECT_EQ(config.detect.pane, 2min);
  EXPECT_EQ(config.detect.allowed_lateness, 30s);
  EXPECT_EQ(config.detect.score_window, 10min);
  EXPECT_EQ(config.detect.entities, config.assemble.entities);
  EXPECT_EQ(config.detect.measures.size(), 2);
  EXPECT_DOUBLE_EQ(config.detect.false_alarms.per_week, 2);
  EXPECT_DOUBLE_EQ(config.detect.false_alarms.per_series, 500);
  EXPECT_EQ(config.detect.max_entities, 50000);
  EXPECT_EQ(config.detect.time_zone, "Europe/Oslo");
  ASSERT_EQ(config.detect.holidays.size(), 3);
  EXPECT_EQ(first_day_text(config.detect.holidays[0]), "12-25");
  EXPECT_EQ(first_day_text(config.detect.holidays[1]), "2026-04-03");
  EXPECT_EQ(last_day_text(config.detect.holidays[2]), "2026-12-30");
  EXPECT_EQ(config.http.address, "0.0.0.0");
  EXPECT_EQ(config.http.port, 9465);
  EXPECT_EQ(config.log.level, LogLevel::debug);
  EXPECT_EQ(config.log.format, LogFormat::json);
}

TEST(Full, DefaultWindowsFollowThePane) {
  const Config config = load_full().config;
  EXPECT_EQ(rule(config, "error_rate").window, 6min) << "5 min is no multiple of a pane of 2 min";
}

}  // namespace
}  // namespace tidewatch
