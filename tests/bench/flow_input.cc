#include "tests/bench/flow_input.h"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <utility>

#include "app/config/config.h"
#include "app/flow.h"
#include "app/gen/simulator.h"

namespace tidewatch::bench {
namespace {

constexpr size_t kBatch = 200;  ///< records between two watermarks

/// Input of the next stage: what this one wrote, with its watermarks.
Input output_of(const StageSpec& spec, const Input& input, Stream stream) {
  Input out;
  out.stream = stream;
  run(*spec.make(), input, false, [&](const OutputBatch& batch, Timestamp watermark) {
    for (const auto& output : batch.outputs())
      if (output.stream == stream) out.add(output.key, output.value);
    if (!out.items.empty()) out.items.back().watermark = watermark;
  });
  return out;
}

void generate(Inputs& out) {
  gen::GenOptions options;
  options.scenario = "outage";
  options.hours = 1;
  options.history = 0;
  options.rate = 100;
  for (const auto encoding : {OtlpEncoding::protobuf, OtlpEncoding::json}) {
    const auto made = gen::Simulator::create(options, encoding);
    if (!made) throw std::runtime_error(made.error().message);
    Input& into = encoding == OtlpEncoding::json ? out.json : out.protobuf;
    made->run([&](const gen::Emission& emission) {
      if (emission.stream != gen::Stream::traces) return true;
      into.add("", emission.payload);
      if (encoding == OtlpEncoding::protobuf) out.spans += emission.spans;
      return true;
    });
  }
}

Inputs make_inputs() {
  Inputs out;
  generate(out);
  out.fragments = output_of(flow()[0], out.protobuf, Stream::fragments);
  out.partials = output_of(flow()[1], out.fragments, Stream::partials);
  std::map<std::string, std::string> states;
  run(*flow().back().make(), out.partials, false, [&](const OutputBatch& batch, Timestamp) {
    for (const auto& output : batch.outputs())
      if (output.stream == Stream::state) states[output.key] = output.value;
  });
  for (auto& [key, value] : states)
    if (!value.empty()) out.states.emplace_back(key, std::move(value));
  return out;
}

}  // namespace

void Input::add(std::string key, std::string value) {
  bytes += value.size();
  items.push_back({std::move(key), std::move(value), kMinTimestamp});
}

const std::vector<StageSpec>& flow() {
  static const auto stages = make_flow(default_config()).value();
  return stages;
}

const Inputs& inputs() {
  static const Inputs all = make_inputs();
  return all;
}

void run(Stage& stage, const Input& input, bool is_replay, const Keep& keep) {
  OutputBatch collected("bench");
  NoEffects nothing;
  Effects& out = is_replay ? static_cast<Effects&>(nothing) : collected;
  int64_t offset = 0;
  Timestamp watermark = kMinTimestamp;
  for (const auto& item : input.items) {
    const Record record{.stream = input.stream,
                        .topic = "input",
                        .partition = 0,
                        .offset = offset++,
                        .append_time = kMinTimestamp,
                        .key = item.key,
                        .value = item.value,
                        .headers = {}};
    stage.on_record(record, out);
    if (item.watermark == kMinTimestamp && offset % static_cast<int64_t>(kBatch) != 0) continue;
    watermark = std::max(watermark, item.watermark);
    stage.on_watermark(watermark, out);
    keep(collected, stage.output_watermark());
    collected.clear();
  }
  stage.on_watermark(watermark, out);
  keep(collected, stage.output_watermark());
}

}  // namespace tidewatch::bench
