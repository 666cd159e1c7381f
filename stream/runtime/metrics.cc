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
constexpr std::array<std::pair<std::string_view, std::string_view>, 35> kHelp{{
    {"records", "Input records processed and committed"},
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
    {"findings_by_span", "Feedback and evaluations that name only a span: every task of assemble looks for it"},
    {"joined_by_span", "Those of findings_by_span that found their request"},
    {"unmatched_feedback", "Feedback that counts nowhere, by what it names: no request of it is known, nor labels"},
    {"unmatched_evaluations", "Evaluations that count nowhere, by what they name: as unmatched_feedback"},
    {"late_spans", "Spans that came after their request was counted; they count by themselves"},
    {"late_requests", "Requests that came after their window was judged: in no score"},
    {"entities_in_other", "Panes of entities beyond limits.entities, judged together as other"},
    {"evicted_entities", "Entities that went to other for more frequent ones"},
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
