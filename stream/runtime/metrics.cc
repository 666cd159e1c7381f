#include "stream/runtime/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

namespace tidewatch {
namespace {

/// What a metric is, by name. Counts made by stages that are not listed say so in general words.
constexpr std::array<std::pair<std::string_view, std::string_view>, 75> kHelp{{
    {"records", "Input records processed and committed"},
    {"offsets", "Input offsets gone past, those of transaction markers included"},
    {"record_bytes", "Bytes of values of input records processed and committed"},
    {"replayed_records", "Input records read again after a start to rebuild short-lived state"},
    {"outputs", "Records written and committed, by stream"},
    {"output_bytes", "Bytes of keys and values written and committed, by stream"},
    {"outputs_too_large", "Records left out because the brokers do not take their size"},
    {"commits", "Transactions committed"},
    {"commit_seconds", "Time from the first record of a transaction being written until it is committed"},
    {"aborted_transactions", "Transactions given up; their input is processed again from the committed offsets"},
    {"rebalances", "Assignments and revocations of partitions"},
    {"tasks", "Partitions this process works on"},
    {"restore_seconds", "Time to read checkpoints, state and progress of assigned partitions"},
    {"restored_records", "Records of state and progress topics read for assigned partitions"},
    {"rejected_state", "Stored state of entities that could not be read; the entity started afresh"},
    {"watermark_lag_seconds", "Wall clock minus the watermark of a task"},
    {"consumer_lag_records", "Records of a partition not processed yet"},
    {"stalled_sources", "Upstream partitions that are silent and no longer waited for"},
    {"idle_sources", "Upstream partitions that have nothing to read"},
    {"repaired_messages", "OTLP messages with texts that are no UTF-8, whose bytes were replaced by U+FFFD"},
    {"duplicate_spans", "Spans that came again and were not counted again"},
    {"clamped_spans", "Spans whose times lay in the future and were set to when their record was appended"},
    {"clamped_findings", "Feedback and evaluations of a time in the future: the same"},
    {"requests_without_entity", "Requests without the labels of any group of entities (a service): in no score"},
    {"requests_by_timeout", "Requests that waited for trace.timeout, as no span without parent came"},
    {"unpriced_calls", "Calls with tokens whose price is unknown, by model: missing in every cost"},
    {"findings_by_span", "Feedback and evaluations that name only a span: every task of assemble looks for it"},
    {"joined_by_span", "Those of findings_by_span that found their request"},
    {"unmatched_feedback", "Feedback that counts nowhere, by what it names: no request of it is known, nor labels"},
    {"unmatched_evaluations", "Evaluations that count nowhere, by what they name: as unmatched_feedback"},
    {"late_spans", "Spans that came after their request was counted; they count by themselves"},
    {"late_requests", "Requests that came after their window was judged: in no score"},
    {"late_turns", "Requests that came after their session was looked at: in no session"},
    {"duplicate_turns", "Requests that came again in their session and were not counted again"},
    {"late_votes", "Feedback that came after its session was looked at or had ended: in no session"},
    {"eval_candidates", "Requests that assemble offered for evaluation"},
    {"evaluated_requests", "Sampled requests whose texts were judged"},
    {"over_budget_requests", "Sampled requests left out by sampling.budget; the others count for them"},
    {"late_eval_requests", "Requests offered after their period was chosen from: not evaluated"},
    {"unanswered_requests", "Sampled requests of which no answer was recorded"},
    {"missing_texts", "Sampled requests whose spans retention has deleted before they were judged"},
    {"unread_texts", "Sampled requests whose spans brokers did not let be read"},
    {"validations", "Answers that a validator judged, by its name"},
    {"judgements", "Answers that a judge judged, by its name"},
    {"unjudged", "Answers that a judge did not judge, by the reason"},
    {"late_spend_left_out", "Late partials with a cost of entities that no budget knows yet"},
    {"late_events_left_out", "Late partials with what SLOs or safety count, of entities that are not known yet"},
    {"entities_in_other", "Panes of entities beyond limits.entities, judged together as other"},
    {"evicted_entities", "Entities that went to other for more frequent ones"},
    {"raised_alerts", "Transitions of alerts that detect decided, by kind"},
    {"alert_transitions", "Changes of alerts that were published, by kind"},
    {"incident_transitions", "Changes of incidents that were published, by kind"},
    {"read_commands", "Commands of people that were understood"},
    {"commands", "Commands that acted, by kind"},
    {"repeated_commands", "Commands whose id had acted already"},
    {"commands_without_target", "Commands that named no alert that fires, or no silence that goes on"},
    {"marked_alerts", "Alerts that people said were false, true, or neither after all (none)"},
    {"taught_series", "Series that learnt from such a mark, by what was said"},
    {"rollout_decisions", "Decisions on rollouts that were published, by decision"},
    {"late_rollout_partials", "Partials of a rollout's random groups whose pane was closed: left out"},
    {"unknown_rollouts", "Commands on rollouts that the config does not have"},
    {"bad_commands", "Commands that could not act, by reason: in the dead letters"},
    {"notices", "Changes of alerts and incidents that stage notify has read, by kind"},
    {"bad_notices", "Those that could not be read: in the dead letters"},
    {"sink_deliveries", "Changes of alerts and incidents that a sink was told of"},
    {"sink_attempts", "Requests to a sink"},
    {"sink_retries", "Those that repeat what failed before"},
    {"sink_failures", "Requests that a sink may take later, by reason"},
    {"sink_refusals", "Requests that a sink does not take, by reason"},
    {"sink_undelivered", "Alerts and incidents that a sink has still to be told of"},
    {"sink_oldest_undelivered_seconds", "For how long the first of them has waited; 0: there is none"},
    {"sink_left_alone", "1 while a sink has failed so often that it is only tried from time to time"},
    {"dead_letters", "Records or parts of records that could not be read, by reason"},
    {"broker_reachable", "1 when the brokers answered the last request for metadata"},
    {"partition_count_changed", "1 when a topic has other partitions than at start: restart to use them"},
}};

std::string help_of(std::string_view name) {
  for (const auto& [known, help] : kHelp)
    if (known == name) return std::string(help);
  return "Counted by the stages";
}

const prometheus::Histogram::BucketBoundaries& seconds_buckets() {
  static const prometheus::Histogram::BucketBoundaries kBuckets = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1,
                                                                   2.5,   5,    10,    30,   60,  300,  1800};
  return kBuckets;
}

}  // namespace

struct Metrics::Impl {
  prometheus::Registry registry;
  mutable std::mutex mutex;
  std::map<std::string, prometheus::Family<prometheus::Counter>*, std::less<>> counters;
  std::map<std::string, prometheus::Family<prometheus::Gauge>*, std::less<>> gauges;
  std::map<std::string, prometheus::Family<prometheus::Histogram>*, std::less<>> histograms;

  template <typename Map, typename Builder>
  auto& family(Map& map, std::string_view name, std::string_view suffix, Builder builder) {
    const auto found = map.find(name);
    if (found != map.end()) return *found->second;
    auto& made =
        builder.Name("tidewatch_" + std::string(name) + std::string(suffix)).Help(help_of(name)).Register(registry);
    map.emplace(std::string(name), &made);
    return made;
  }
  auto& counter(std::string_view name) { return family(counters, name, "_total", prometheus::BuildCounter()); }
  auto& gauge(std::string_view name) { return family(gauges, name, "", prometheus::BuildGauge()); }
  auto& histogram(std::string_view name) { return family(histograms, name, "", prometheus::BuildHistogram()); }
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

void Metrics::count(std::string_view name, const Labels& labels, double by) {
  const std::lock_guard lock(impl_->mutex);
  impl_->counter(name).Add(labels).Increment(by);
}

void Metrics::set(std::string_view name, const Labels& labels, double value) {
  const std::lock_guard lock(impl_->mutex);
  impl_->gauge(name).Add(labels).Set(value);
}

void Metrics::observe(std::string_view name, const Labels& labels, double value) {
  const std::lock_guard lock(impl_->mutex);
  impl_->histogram(name).Add(labels, seconds_buckets()).Observe(value);
}

void Metrics::remove(std::string_view name, const Labels& labels) {
  const std::lock_guard lock(impl_->mutex);
  auto& family = impl_->gauge(name);
  family.Remove(&family.Add(labels));
}

double Metrics::value(std::string_view name, const Labels& labels) const {
  const std::lock_guard lock(impl_->mutex);
  if (const auto found = impl_->counters.find(name); found != impl_->counters.end() && found->second->Has(labels))
    return found->second->Add(labels).Value();
  if (const auto found = impl_->gauges.find(name); found != impl_->gauges.end() && found->second->Has(labels))
    return found->second->Add(labels).Value();
  return 0;
}

double Metrics::total(std::string_view name, const Labels& where) const {
  const std::lock_guard lock(impl_->mutex);
  const auto found = impl_->counters.find(name);
  if (found == impl_->counters.end()) return 0;
  double sum = 0;
  for (const auto& family : found->second->Collect())
    for (const auto& metric : family.metric) {
      const auto has = [&](const auto& label) {
        return std::any_of(metric.label.begin(), metric.label.end(),
                           [&](const auto& one) { return one.name == label.first && one.value == label.second; });
      };
      if (std::all_of(where.begin(), where.end(), has)) sum += metric.counter.value;
    }
  return sum;
}

std::string Metrics::text() const { return prometheus::TextSerializer().Serialize(impl_->registry.Collect()); }

}  // namespace tidewatch
