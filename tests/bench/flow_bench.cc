// The first table of docs/performance.md: each part on one thread beside something named, in the same run, and what an
// entity and a restart cost.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/sketch/quantile.h"
#include "stream/detect/detect.h"
#include "tests/bench/flow_input.h"
#include "tests/bench/input_topic.h"

namespace tidewatch::bench {
namespace {

void report(benchmark::State& state, size_t items) {
  state.SetItemsProcessed(static_cast<int64_t>(items) * state.iterations());
}

void touch(benchmark::State& state, const Input& input, size_t items) {
  for (auto _ : state) {
    uint64_t sum = 0;
    for (const auto& item : input.items)
      for (const char c : item.value) sum += static_cast<unsigned char>(c);
    benchmark::DoNotOptimize(sum);
  }
  report(state, items);
}

void through(benchmark::State& state, size_t stage, const Input& input, size_t items, bool is_replay = false) {
  for (auto _ : state) run(*flow()[stage].make(), input, is_replay, [](const OutputBatch&, Timestamp) {});
  report(state, items);
}

void bare_consume(benchmark::State& state) {
  for (auto _ : state) {
    size_t bytes = 0;
    state.SetIterationTime(
        InputTopic::instance().consume([&](const rd_kafka_message_t& message) { bytes += message.len; }));
    benchmark::DoNotOptimize(bytes);
  }
  report(state, InputTopic::kCopies * inputs().spans);
}
void consume_and_observe(benchmark::State& state) {
  for (auto _ : state) {
    const auto stage = flow()[0].make();
    OutputBatch out("observe");
    const auto observe_one = [&](const rd_kafka_message_t& message) {
      const std::string_view value(static_cast<const char*>(message.payload), message.len);
      stage->on_record({Stream::traces, "input", message.partition, message.offset, kMinTimestamp, {}, value, {}}, out);
      if (out.bytes() > (size_t{1} << 20)) out.clear();
    };
    state.SetIterationTime(InputTopic::instance().consume(observe_one));
  }
  report(state, InputTopic::kCopies * inputs().spans);
}

void touch_protobuf(benchmark::State& state) { touch(state, inputs().protobuf, inputs().spans); }
void observe_protobuf(benchmark::State& state) { through(state, 0, inputs().protobuf, inputs().spans); }
void touch_json(benchmark::State& state) { touch(state, inputs().json, inputs().spans); }
void observe_json(benchmark::State& state) { through(state, 0, inputs().json, inputs().spans); }
void touch_fragments(benchmark::State& state) { touch(state, inputs().fragments, inputs().fragments.items.size()); }
void assemble(benchmark::State& state) { through(state, 1, inputs().fragments, inputs().fragments.items.size()); }
void touch_partials(benchmark::State& state) { touch(state, inputs().partials, inputs().partials.items.size()); }
void detect(benchmark::State& state) {
  through(state, flow().size() - 1, inputs().partials, inputs().partials.items.size());
}

/// What a task of assemble does again before it goes on after a restart, with a join horizon of an hour.
void replay_fragments(benchmark::State& state) {
  through(state, 1, inputs().fragments, inputs().fragments.items.size(), true);
}
/// What a task of detect reads from the compacted topic before its replay.
void restore_states(benchmark::State& state) {
  for (auto _ : state) {
    const auto stage = flow().back().make();
    for (const auto& [key, value] : inputs().states)
      if (!stage->restore(key, value).ok()) state.SkipWithError("a state that was saved cannot be restored");
  }
  state.SetItemsProcessed(static_cast<int64_t>(inputs().states.size()) * state.iterations());
}
void copy_states(benchmark::State& state) {
  for (auto _ : state) {
    auto copy = inputs().states;
    benchmark::DoNotOptimize(copy);
  }
  state.SetItemsProcessed(static_cast<int64_t>(inputs().states.size()) * state.iterations());
}

const std::vector<double>& latencies() {
  static const auto values = [] {
    std::mt19937_64 random(1);
    std::lognormal_distribution<double> law(0, 1);
    std::vector<double> out(size_t{1} << 14);
    for (double& value : out) value = law(random);
    return out;
  }();
  return values;
}
template <typename Target, typename Add>
void insert_all(benchmark::State& state, Add add) {
  for (auto _ : state) {
    Target target;
    for (const double value : latencies()) add(target, value);
    benchmark::DoNotOptimize(target);
  }
  state.SetItemsProcessed(static_cast<int64_t>(latencies().size()) * state.iterations());
}
void push_back(benchmark::State& state) {
  insert_all<std::vector<double>>(state, [](auto& target, double value) { target.push_back(value); });
}
void sketch_insert(benchmark::State& state) {
  insert_all<QuantileSketch>(state, [](auto& target, double value) { target.add(value); });
}

/// A row of the table: a benchmark and what it is compared with.
struct Row {
  const char* what;
  const char* benchmark;
  const char* unit;
  const char* reference;
  const char* beside;
};
constexpr Row kRows[] = {
    {"observe, read from Kafka", "consume_and_observe", "spans", "bare_consume", "bare librdkafka consume"},
    {"observe, OTLP protobuf in memory", "observe_protobuf", "spans", "touch_protobuf", "touching every byte"},
    {"observe, OTLP/JSON in memory", "observe_json", "spans", "touch_json", "touching every byte"},
    {"assemble", "assemble", "fragments", "touch_fragments", "touching every byte"},
    {"detect", "detect", "partials", "touch_partials", "touching every byte"},
    {"quantile sketch, insert", "sketch_insert", "values", "push_back", "std::vector::push_back"},
    {"restore of assemble: replay", "replay_fragments", "fragments", "assemble", "the first time"},
    {"restore of detect: compacted state", "restore_states", "entities", "copy_states", "copying the records"},
};

/// Prints the table of docs/performance.md after the runs.
class Table : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    ConsoleReporter::ReportRuns(runs);
    for (const Run& run : runs)
      if (run.run_type == Run::RT_Iteration && !run.error_occurred) {
        const auto rate = run.counters.find("items_per_second");
        if (rate != run.counters.end()) rates_[run.run_name.function_name] = rate->second;
      }
  }
  void print() const {
    fmt::print("\n| part | rate | beside | ratio |\n|---|---|---|---|\n");
    for (const Row& row : kRows) {
      const auto own = rates_.find(row.benchmark);
      const auto reference = rates_.find(row.reference);
      if (own == rates_.end() || reference == rates_.end()) continue;
      fmt::print("| {} | {} {}/s | {}: {}/s | 1 : {:.1f} |\n", row.what, thousands(own->second), row.unit, row.beside,
                 thousands(reference->second), reference->second / own->second);
    }
  }

 private:
  static std::string thousands(double rate) {
    std::string digits = fmt::format("{:.3g}", rate);
    digits = fmt::format("{:.0f}", std::stod(digits));
    for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
      digits.insert(static_cast<size_t>(at), 1, ',');
    return digits;
  }
  std::map<std::string, double> rates_;
};

void print_entity_bytes() {
  const auto made = flow().back().make();
  auto& stage = dynamic_cast<Detect&>(*made);
  run(stage, inputs().partials, false, [](const OutputBatch&, Timestamp) {});
  size_t record_bytes = 0;
  for (const auto& [key, value] : inputs().states) record_bytes += key.size() + value.size();
  fmt::print(
      "\nan entity of detect after an hour: {} bytes of memory, {} bytes of state record (mean of {} entities)\n",
      stage.memory_bytes() / stage.entities(), record_bytes / inputs().states.size(), stage.entities());
}

constexpr auto kUnit = benchmark::kMillisecond;
// By the clock, as librdkafka's threads work beside the one that reads.
BENCHMARK(bare_consume)->Unit(kUnit)->UseManualTime();
BENCHMARK(consume_and_observe)->Unit(kUnit)->UseManualTime();
BENCHMARK(touch_protobuf)->Unit(kUnit);
BENCHMARK(observe_protobuf)->Unit(kUnit);
BENCHMARK(touch_json)->Unit(kUnit);
BENCHMARK(observe_json)->Unit(kUnit);
BENCHMARK(touch_fragments)->Unit(kUnit);
BENCHMARK(assemble)->Unit(kUnit);
BENCHMARK(replay_fragments)->Unit(kUnit);
BENCHMARK(touch_partials)->Unit(kUnit);
BENCHMARK(detect)->Unit(kUnit);
BENCHMARK(push_back);
BENCHMARK(sketch_insert);
BENCHMARK(copy_states);
BENCHMARK(restore_states)->Unit(kUnit);

}  // namespace
}  // namespace tidewatch::bench

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  static_cast<void>(tidewatch::bench::InputTopic::instance());  // before any clock runs
  tidewatch::bench::Table table;
  benchmark::RunSpecifiedBenchmarks(&table);
  table.print();
  tidewatch::bench::print_entity_bytes();
  fmt::print("broker: {}\n", tidewatch::bench::InputTopic::instance().broker());
  return 0;
}
