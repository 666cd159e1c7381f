// Inserts into sketches, each beside the naive way to keep the same numbers in the same run: a std::vector that is
// sorted later, a std::map that counts, a std::set of keys. And the bytes a series takes in memory and on the wire.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "detectors/sketch/aggregate.h"
#include "detectors/sketch/category_counts.h"
#include "detectors/sketch/distinct.h"
#include "detectors/sketch/heavy_hitters.h"
#include "detectors/sketch/moments.h"
#include "detectors/sketch/quantile.h"
#include "detectors/sketch/serialized.h"

namespace tidewatch {
namespace {

constexpr size_t kValues = 1 << 14;

const std::vector<double>& latencies() {
  static const auto values = [] {
    std::mt19937_64 random(1);
    std::lognormal_distribution<double> law(0, 1);
    std::vector<double> out(kValues);
    for (double& value : out) value = law(random);
    return out;
  }();
  return values;
}

const std::vector<std::string>& names() {
  static const auto values = [] {
    std::mt19937_64 random(2);
    std::vector<std::string> out(kValues);
    for (auto& name : out) name = "model-" + std::to_string(random() % 20);
    return out;
  }();
  return values;
}

/// One round adds all values to a fresh target; items per second are values per second.
template <typename Target, typename Items, typename Add>
void insert_all(benchmark::State& state, const Target& fresh, const Items& items, Add add) {
  for (auto _ : state) {
    Target target = fresh;
    for (const auto& item : items) add(target, item);
    benchmark::DoNotOptimize(target);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(items.size()));
}

void naive_vector_push_back(benchmark::State& state) {
  insert_all(state, std::vector<double>(), latencies(), [](auto& target, double value) { target.push_back(value); });
}
void naive_map_of_rounded_values(benchmark::State& state) {
  insert_all(state, std::map<int, double>(), latencies(),
             [](auto& target, double value) { target[static_cast<int>(value * 100)] += 1; });
}
void naive_plain_sums(benchmark::State& state) {
  struct Sums {
    double n = 0, sum = 0, squares = 0;
  };
  insert_all(state, Sums(), latencies(), [](auto& target, double value) {
    target.n += 1;
    target.sum += value;
    target.squares += value * value;
  });
}
void naive_set_of_keys(benchmark::State& state) {
  insert_all(state, std::set<uint64_t>(), latencies(),
             [](auto& target, double value) { target.insert(static_cast<uint64_t>(value * 1e6)); });
}
void naive_map_of_names(benchmark::State& state) {
  insert_all(state, std::map<std::string, double>(), names(),
             [](auto& target, const std::string& name) { target[name] += 1; });
}
BENCHMARK(naive_vector_push_back);
BENCHMARK(naive_map_of_rounded_values);
BENCHMARK(naive_plain_sums);
BENCHMARK(naive_set_of_keys);
BENCHMARK(naive_map_of_names);

void quantile_add(benchmark::State& state) {
  insert_all(state, QuantileSketch(), latencies(), [](auto& target, double value) { target.add(value); });
}
void moments_add(benchmark::State& state) {
  insert_all(state, Moments(), latencies(), [](auto& target, double value) { target.add(value); });
}
void distinct_add(benchmark::State& state) {
  insert_all(state, DistinctSketch(), latencies(),
             [](auto& target, double value) { target.add(static_cast<uint64_t>(value * 1e6)); });
}
void categories_add(benchmark::State& state) {
  insert_all(state, CategoryCounts(), names(), [](auto& target, const std::string& name) { target.add(name); });
}
void heavy_hitters_add(benchmark::State& state) {
  insert_all(state, HeavyHitters(64), names(), [](auto& target, const std::string& name) { target.add(name); });
}
void aggregate_rate_add(benchmark::State& state) {
  insert_all(state, Aggregate(MeasureKind::rate), latencies(),
             [](auto& target, double value) { target.add_trial(value > 3); });
}
void aggregate_distribution_add(benchmark::State& state) {
  insert_all(state, Aggregate(MeasureKind::distribution), latencies(),
             [](auto& target, double value) { target.add_value(value); });
}
void aggregate_distribution_add_with_exemplar(benchmark::State& state) {
  Exemplar exemplar;
  exemplar.trace_id.assign(16, 'x');
  exemplar.topic = "otlp_spans";
  uint64_t trace = 0;
  insert_all(state, Aggregate(MeasureKind::distribution), latencies(), [&](auto& target, double value) {
    trace += 0x9E3779B97F4A7C15;
    for (size_t byte = 0; byte < 8; ++byte) exemplar.trace_id[byte] = static_cast<char>(trace >> (8 * byte));
    target.add_value(value, 1.0, &exemplar);
  });
}
void aggregate_sum_add(benchmark::State& state) {
  insert_all(state, Aggregate(MeasureKind::sum), latencies(),
             [](auto& target, double value) { target.add_value(value); });
}
BENCHMARK(quantile_add);
BENCHMARK(moments_add);
BENCHMARK(distinct_add);
BENCHMARK(categories_add);
BENCHMARK(heavy_hitters_add);
BENCHMARK(aggregate_rate_add);
BENCHMARK(aggregate_distribution_add);
BENCHMARK(aggregate_distribution_add_with_exemplar);
BENCHMARK(aggregate_sum_add);

/// Ten values each to many short-lived sketches, as a commit does: allocation and the sparse form weigh most.
void quantile_add_ten_to_a_fresh_sketch(benchmark::State& state) {
  size_t at = 0;
  for (auto _ : state) {
    QuantileSketch sketch;
    for (int i = 0; i < 10; ++i) sketch.add(latencies()[at++ % kValues]);
    benchmark::DoNotOptimize(sketch);
  }
  state.SetItemsProcessed(state.iterations() * 10);
}
BENCHMARK(quantile_add_ten_to_a_fresh_sketch);

Aggregate filled(MeasureKind kind, int64_t values) {
  Aggregate aggregate(kind);
  for (size_t i = 0; i < static_cast<size_t>(values); ++i) {
    if (kind == MeasureKind::rate)
      aggregate.add_trial(latencies()[i] > 3);
    else if (kind == MeasureKind::distinct)
      aggregate.add_key(i);
    else if (kind == MeasureKind::composition)
      aggregate.add_category(names()[i]);
    else
      aggregate.add_value(latencies()[i]);
  }
  return aggregate;
}

/// What a series costs, and how long a partial takes to be written, read and merged. Args: kind, values.
void series(benchmark::State& state) {
  const auto kind = static_cast<MeasureKind>(state.range(0));
  const Aggregate aggregate = filled(kind, state.range(1));
  Aggregate pane = aggregate;
  for (auto _ : state) {
    const auto back = Aggregate::deserialize(aggregate.serialize());
    pane.merge(*back);
    benchmark::DoNotOptimize(pane);
  }
  state.SetLabel(std::string(name_of(kind)) + " of " + std::to_string(state.range(1)));
  state.counters["memory_bytes"] = static_cast<double>(aggregate.memory_bytes());
  state.counters["wire_bytes"] = static_cast<double>(aggregate.serialize().size());
}
BENCHMARK(series)->ArgsProduct({{static_cast<int>(MeasureKind::rate), static_cast<int>(MeasureKind::distribution),
                                 static_cast<int>(MeasureKind::sum), static_cast<int>(MeasureKind::distinct),
                                 static_cast<int>(MeasureKind::composition)},
                                {1, 20, 1000}});

void observe_p95_of_1000(benchmark::State& state) {
  const Aggregate aggregate = filled(MeasureKind::distribution, 1000);
  for (auto _ : state) benchmark::DoNotOptimize(aggregate.observe(Statistic::p95));
}
BENCHMARK(observe_p95_of_1000);

}  // namespace
}  // namespace tidewatch

BENCHMARK_MAIN();
