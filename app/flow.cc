#include "app/flow.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "stream/alert/alerting.h"
#include "stream/assemble/assemble.h"
#include "stream/detect/detect.h"
#include "stream/evaluate/evaluate.h"
#include "stream/notify/notify.h"
#include "stream/notify/shared_sinks.h"
#include "stream/observe/observe.h"
#include "stream/session/session.h"
#include "stream/signals/phrases.h"
#include "stream/signals/text_checks.h"
#include "stream/window/colocation.h"

namespace tidewatch {

namespace {

/// All alerts meet in one partition: incidents and silences concern any of them.
Downstream alert_input() {
  return {.stream = Stream::raised, .placement = [](std::string_view) { return std::string(); }};
}

}  // namespace

StageSpec alert_stage(AlertOptions options, WireFormat format) {
  options.format = format;
  StageSpec alert;
  alert.name = "alert";
  alert.inputs = {Stream::raised};
  alert.has_state = true;
  alert.make = [options = std::move(options)]() -> std::unique_ptr<Stage> {
    return std::make_unique<Alerting>(options);
  };
  return alert;
}

StageSpec detect_stage(const DetectOptions& options, const Detect::Observer& observer) {
  StageSpec detect;
  detect.name = "detect";
  detect.inputs = {Stream::partials};
  detect.downstream = {alert_input()};
  detect.has_state = true;
  detect.make = [options, observer]() -> std::unique_ptr<Stage> {
    auto made = Detect::make(options, observer);
    TW_CHECK(made.ok(), "the options were checked when the flow was made");
    return std::move(made).value();
  };
  return detect;
}

Result<std::vector<StageSpec>> make_flow(const Config& config, const Detect::Observer& observer) {
  // Made once here, so that what is wrong is said now and not in a worker's thread.
  if (auto detect = Detect::make(config.detect); !detect) return detect.error();

  StageSpec observe;
  observe.name = "observe";
  observe.inputs = {Stream::traces, Stream::logs, Stream::feedback, Stream::evaluations, Stream::commands};
  observe.downstream = {{.stream = Stream::fragments}, alert_input()};
  observe.is_source = true;
  // Tables and phrases are read once and shared by all tasks.
  auto table = DialectTable::embedded(config.observe.label_keys);
  if (!table) return table.error();
  TextCheckOptions text_options;
  text_options.safety_yaml = config.observe.safety_phrases;
  if (const auto phrases = Phrases::parse(text_options.safety_yaml, "safety.phrases"); !phrases) return phrases.error();
  const auto checks = std::make_shared<const TextChecks>(text_options);
  observe.make = [options = config.observe, table = *table, checks]() -> std::unique_ptr<Stage> {
    return std::make_unique<Observe>(options, table, [checks](const CallTexts& texts) { return checks->check(texts); });
  };

  StageSpec assemble;
  assemble.name = "assemble";
  assemble.inputs = {Stream::fragments};
  const auto placement = [colocate = config.detect.colocate](std::string_view key) {
    return colocation_key(colocate, key);
  };
  assemble.downstream = {{.stream = Stream::partials, .placement = placement}};
  const bool has_sessions = !config.assemble.sessions_by.empty();
  if (has_sessions) assemble.downstream.push_back({.stream = Stream::turns});
  if (config.assemble.sampling.is_on()) assemble.downstream.push_back({.stream = Stream::eval_requests});
  assemble.make = [options = config.assemble]() -> std::unique_ptr<Stage> {
    return std::make_unique<Assemble>(options);
  };

  StageSpec session;
  session.name = "session";
  session.inputs = {Stream::turns};
  session.downstream = {{.stream = Stream::partials, .placement = placement}};
  session.make = [options = config.session]() -> std::unique_ptr<Stage> { return std::make_unique<Session>(options); };

  std::vector<StageSpec> out = {std::move(observe), std::move(assemble)};
  if (has_sessions) out.push_back(std::move(session));
  out.push_back(detect_stage(config.detect, observer));
  out.push_back(alert_stage(config.alert, config.detect.format));
  return out;
}

bool evaluates(const Config& config) {
  return config.assemble.sampling.is_on() && (!config.validators.empty() || !config.judge.rules.empty());
}

Result<std::optional<StageSpec>> evaluate_stage(const Config& config, std::shared_ptr<RecordLookup> lookup,
                                                std::shared_ptr<AnswerJudge> judge) {
  if (!evaluates(config)) return std::optional<StageSpec>();
  auto validators = RuleValidators::make(config.validators);
  if (!validators) return validators.error();
  auto table = DialectTable::embedded(config.observe.label_keys);
  if (!table) return table.error();
  EvaluateOptions options;
  options.sampling = config.assemble.sampling;
  options.wait = config.assemble.longest_wait();
  options.logs_topic = config.kafka.topics.of(Stream::logs);
  options.traces_encoding = config.observe.traces_encoding;
  options.logs_encoding = config.observe.logs_encoding;
  options.format = config.detect.format;
  const Evaluate::Parts parts{std::make_shared<const RuleValidators>(std::move(validators).value()), *table,
                              std::move(lookup), std::move(judge)};
  StageSpec evaluate;
  evaluate.name = "evaluate";
  evaluate.inputs = {Stream::eval_requests};
  evaluate.make = [options, parts]() -> std::unique_ptr<Stage> { return std::make_unique<Evaluate>(options, parts); };
  evaluate.feeds = {Stream::evaluations};
  return std::optional(std::move(evaluate));
}

StageSpec notify_stage(const Config& config, std::shared_ptr<Courier> courier) {
  const Notify::Topics topics{config.kafka.topics.of(Stream::alerts), config.kafka.topics.of(Stream::incidents)};
  StageSpec notify;
  notify.name = "notify";
  notify.inputs = {Stream::alerts, Stream::incidents};
  notify.is_source = true;
  notify.has_state = true;
  notify.make = [interests = interests_of(config.sinks), topics,
                 courier = std::move(courier)]() -> std::unique_ptr<Stage> {
    return std::make_unique<Notify>(interests, topics, courier);
  };
  return notify;
}

Duration longest_request(const Config& config) { return config.observe.out_of_order + config.assemble.longest_wait(); }

}  // namespace tidewatch
