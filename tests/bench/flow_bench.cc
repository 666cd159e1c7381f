// Each stage alone, in one thread, on generated traffic and without Kafka, beside touching every byte of the same input
// once in the same run; and what a restart costs: an hour of fragments replayed.
#include <benchmark/benchmark.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "app/config/config.h"
#include "app/flow.h"
#include "app/gen/simulator.h"
#include "stream/runtime/output_batch.h"

namespace tidewatch {
namespace {

constexpr size_t kBatch = 200;  ///< records between two watermarks

/// What one stage reads: records, and the watermark after each batch of them.
struct Input {
  struct Item {
    std::string key;
    std::string value;
    Timestamp watermark = kMinTimestamp;  ///< to be applied after it; kMinTimestamp: none
  };
  Stream stream = Stream::traces;
  std::vector<Item> items;
  size_t bytes = 0;

  void add(std::string key, std::string value) {
    bytes += value.size();
    items.push_back({std::move(key), std::move(value), kMinTimestamp});
  }
};

/// Stages of the default config.
const std::vector<StageSpec>& flow() {
  static const auto stages = make_flow(default_config()).value();
  return stages;
}

/// Runs a whole input through a fresh stage; `keep` is told of every output.
template <typename Keep>
void run(const StageSpec& spec, const Input& input, bool is_replay, const Keep& keep) {
  const auto stage = spec.make();
  OutputBatch collected(spec.name);
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
    stage->on_record(record, out);
    if (item.watermark == kMinTimestamp && offset % static_cast<int64_t>(kBatch) != 0) continue;
    watermark = std::max(watermark, item.watermark);
    stage->on_watermark(watermark, out);
    keep(collected, stage->output_watermark());
    collected.clear();
  }
  stage->on_watermark(watermark, out);
  keep(collected, stage->output_watermark());
}

struct Inputs {
  Input protobuf;
  Input json;
  Input fragments;
  Input partials;
  size_t spans = 0;
};

/// Input of the next stage: what this one wrote, with its watermarks.
Input output_of(const StageSpec& spec, const Input& input, Stream stream) {
  Input out;
  out.stream = stream;
  run(spec, input, false, [&](const OutputBatch& batch, Timestamp watermark) {
    for (const auto& output : batch.outputs())
      if (output.stream == stream) out.add(output.key, output.value);
    if (!out.items.empty()) out.items.back().watermark = watermark;
  });
  return out;
}

/// One hour of the demo's services at 100 requests per minute each.
const Inputs& inputs() {
  static const Inputs all = [] {
    Inputs out;
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
    out.fragments = output_of(flow()[0], out.protobuf, Stream::fragments);
    out.partials = output_of(flow()[1], out.fragments, Stream::partials);
    return out;
  }();
  return all;
}

void report(benchmark::State& state, const Input& input, size_t items, const char* name) {
  const auto times = static_cast<double>(state.iterations());
  state.counters[name] = benchmark::Counter(static_cast<double>(items) * times, benchmark::Counter::kIsRate);
  state.SetBytesProcessed(static_cast<int64_t>(input.bytes) * state.iterations());
}

void touch(benchmark::State& state, const Input& input, size_t items, const char* name) {
  for (auto _ : state) {
    uint64_t sum = 0;
    for (const auto& item : input.items)
      for (const char c : item.value) sum += static_cast<unsigned char>(c);
    benchmark::DoNotOptimize(sum);
  }
  report(state, input, items, name);
}

void through(benchmark::State& state, size_t stage, const Input& input, size_t items, const char* name,
             bool is_replay = false) {
  for (auto _ : state) run(flow()[stage], input, is_replay, [](const OutputBatch&, Timestamp) {});
  report(state, input, items, name);
}

void ObserveProtobuf(benchmark::State& state) { through(state, 0, inputs().protobuf, inputs().spans, "spans/s"); }
void ObserveProtobufTouchingBytes(benchmark::State& state) {
  touch(state, inputs().protobuf, inputs().spans, "spans/s");
}
void ObserveJson(benchmark::State& state) { through(state, 0, inputs().json, inputs().spans, "spans/s"); }
void ObserveJsonTouchingBytes(benchmark::State& state) { touch(state, inputs().json, inputs().spans, "spans/s"); }
void AssembleFragments(benchmark::State& state) {
  through(state, 1, inputs().fragments, inputs().fragments.items.size(), "fragments/s");
}
void AssembleTouchingBytes(benchmark::State& state) {
  touch(state, inputs().fragments, inputs().fragments.items.size(), "fragments/s");
}
void DetectPartials(benchmark::State& state) {
  through(state, 2, inputs().partials, inputs().partials.items.size(), "partials/s");
}
void DetectTouchingBytes(benchmark::State& state) {
  touch(state, inputs().partials, inputs().partials.items.size(), "partials/s");
}
/// What a task of assemble does before it goes on after a restart.
void RestoreAnHourOfFragments(benchmark::State& state) {
  through(state, 1, inputs().fragments, inputs().fragments.items.size(), "fragments/s", true);
}

BENCHMARK(ObserveProtobufTouchingBytes)->Unit(benchmark::kMillisecond);
BENCHMARK(ObserveProtobuf)->Unit(benchmark::kMillisecond);
BENCHMARK(ObserveJsonTouchingBytes)->Unit(benchmark::kMillisecond);
BENCHMARK(ObserveJson)->Unit(benchmark::kMillisecond);
BENCHMARK(AssembleTouchingBytes)->Unit(benchmark::kMillisecond);
BENCHMARK(AssembleFragments)->Unit(benchmark::kMillisecond);
BENCHMARK(RestoreAnHourOfFragments)->Unit(benchmark::kMillisecond);
BENCHMARK(DetectTouchingBytes)->Unit(benchmark::kMillisecond);
BENCHMARK(DetectPartials)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tidewatch

BENCHMARK_MAIN();
