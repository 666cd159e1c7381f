#include "app/flow.h"

#include <algorithm>
#include <memory>

#include "stream/assemble/assemble.h"
#include "stream/detect/detect.h"
#include "stream/observe/observe.h"
#include "stream/signals/phrases.h"
#include "stream/signals/text_checks.h"
#include "stream/window/colocation.h"

namespace tidewatch {

StageSpec detect_stage(const DetectOptions& options, const Detect::Observer& observer) {
  StageSpec detect;
  detect.name = "detect";
  detect.inputs = {Stream::partials};
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
  observe.inputs = {Stream::traces, Stream::logs, Stream::feedback, Stream::evaluations};
  observe.downstream = Stream::fragments;
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
  assemble.downstream = Stream::partials;
  assemble.make = [options = config.assemble]() -> std::unique_ptr<Stage> {
    return std::make_unique<Assemble>(options);
  };
  assemble.placement = [colocate = config.detect.colocate](std::string_view key) {
    return colocation_key(colocate, key);
  };

  return std::vector<StageSpec>{std::move(observe), std::move(assemble), detect_stage(config.detect, observer)};
}

Duration longest_request(const Config& config) {
  return config.observe.out_of_order + std::max(config.assemble.trace_timeout, config.assemble.trace_quiet);
}

}  // namespace tidewatch
