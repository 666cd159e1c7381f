#include "app/reference/write_reference.h"

#include <fmt/format.h>

#include "app/flow.h"
#include "app/reference/reference_file.h"
#include "stream/runtime/local_runner.h"
#include "tidewatch/v1/partial.pb.h"

namespace tidewatch {
namespace {

/// Aggregates of the whole test set, by entity.
struct Collected {
  ReferenceEntities entities;

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
      ReferenceEntity& entity = entities[entity_key(group, of)];
      entity.labels = of;
      for (const auto& measure : partial.measures()) {
        auto aggregate = Aggregate::deserialize(measure.aggregate());
        if (!aggregate) continue;
        const auto [at, is_new] = entity.measures.try_emplace(measure.measure(), *aggregate);
        if (!is_new) at->second.merge(*aggregate);
      }
    }
  }
};

}  // namespace

Result<ReferenceReport> write_reference(const ReferenceRequest& request,
                                        const std::function<void(double)>& on_progress) {
  auto flow = make_flow(request.config);
  if (!flow) return flow.error();
  // What assemble says is all that is wanted.
  std::erase_if(*flow, [](const StageSpec& stage) { return stage.name == "detect" || stage.name == "alert"; });
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

  const auto written = write_reference_file(collected.entities, request.out);
  if (!written) return written.error();
  report.entities = *written;
  return report;
}

}  // namespace tidewatch
