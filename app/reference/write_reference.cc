#include "app/reference/write_reference.h"

#include <fmt/format.h>

#include <fstream>
#include <map>

#include "app/flow.h"
#include "detectors/sketch/aggregate.h"
#include "stream/publish/encoder.h"
#include "stream/runtime/local_runner.h"
#include "tidewatch/v1/partial.pb.h"
#include "tidewatch/v1/reference.pb.h"

namespace tidewatch {
namespace {

using Measures = std::map<std::string, Aggregate>;

/// Aggregates of the whole test set, by entity.
struct Collected {
  std::map<std::string, std::pair<Labels, Measures>> entities;

  void take(LocalRunner& runner, const Labels& labels) {
    for (const auto& record : runner.take_records(Stream::partials)) {
      v1::Partial partial;
      if (!partial.ParseFromString(record.value)) continue;  // of this very process: cannot be
      EntityGroup group;
      Labels of;
      for (const auto& label : partial.entity()) {
        group.push_back(label.name());
        const std::string* given = labels.find(label.name());
        of.set(label.name(), given != nullptr ? *given : label.value());
      }
      auto& [entity, measures] = entities[entity_key(group, of)];
      entity = of;
      for (const auto& measure : partial.measures()) {
        auto aggregate = Aggregate::deserialize(measure.aggregate());
        if (!aggregate) continue;
        const auto [at, is_new] = measures.try_emplace(measure.measure(), *aggregate);
        if (!is_new) at->second.merge(*aggregate);
      }
    }
  }
};

v1::Reference message_of(const Labels& labels, const Measures& measures) {
  v1::Reference out;
  for (const auto& [name, value] : labels) (*out.mutable_labels())[name] = value;
  for (const auto& [name, aggregate] : measures) {
    // Only these can be compared: how many requests a test set has says nothing of production.
    if (aggregate.kind() != MeasureKind::rate && aggregate.kind() != MeasureKind::distribution) continue;
    const Observation seen = aggregate.observe();
    if (seen.missing()) continue;
    auto* measure = out.add_measures();
    measure->set_measure(name);
    measure->set_aggregate(aggregate.serialize());
    measure->set_value(seen.value);
    measure->set_n(seen.n);
  }
  return out;
}

}  // namespace

Result<ReferenceReport> write_reference(const ReferenceRequest& request,
                                        const std::function<void(double)>& on_progress) {
  auto flow = make_flow(request.config);
  if (!flow) return flow.error();
  flow->pop_back();  // what assemble says is all that is wanted
  auto inputs = BacktestInputs::open(request.files);
  if (!inputs) return inputs.error();
  LocalRunner::Options options;
  options.keep_history = false;
  options.waits_for_sources = true;
  LocalRunner runner(options, std::move(flow).value(), inputs->partitions());
  ReferenceReport report;
  Collected collected;
  const auto fed = inputs->feed_all(runner, longest_request(request.config), [&] {
    on_progress(inputs->share_read().value());
    collected.take(runner, request.labels);
    report.unreadable += runner.take_records(Stream::dead_letter).size();
    return ok_status();
  });
  if (!fed) return fed.error();
  report.unreadable += inputs->errors().size();
  for (const auto& [key, count] : runner.counts())
    if (key.first == "requests") report.requests += static_cast<double>(count);
  if (collected.entities.empty())
    return Error{"bad_data", fmt::format("no request in {}: is it a file of OTLP spans?", request.files.spans.front())};

  std::ofstream file(request.out);
  for (const auto& [key, entity] : collected.entities) {
    const v1::Reference message = message_of(entity.first, entity.second);
    if (message.measures().empty()) continue;
    file << encode(message, WireFormat::json) << '\n';
    ++report.entities;
  }
  file.close();
  if (!file) return Error{"write_failed", fmt::format("{}: cannot be written", request.out)};
  return report;
}

}  // namespace tidewatch
