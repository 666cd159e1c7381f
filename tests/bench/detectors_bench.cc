// A window through each detector (score and learn), beside the naive way in the same run: running mean and standard
// deviation and a z-score. And the bytes a series takes: counted, saved, and as the process grows with very many of
// them (resident/...). `--print-series` writes the values that detectors_bench.py gives to other packages' detectors.
#include <benchmark/benchmark.h>
#include <malloc.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <memory>
#include <random>
#include <string_view>
#include <vector>

#include "detectors/detect/registry.h"
#include "detectors/sketch/category_counts.h"

namespace tidewatch {
namespace {

constexpr size_t kWindows = 2016;  // a week of five minutes

/// Requests of a window by how their answers ended.
const CategoryCounts& finish_reasons(size_t window) {
  static const auto all = [] {
    std::mt19937_64 random(2);
    std::vector<CategoryCounts> out(kWindows);
    for (CategoryCounts& counts : out) {
      const auto cut = std::binomial_distribution<int>(300, 0.1)(random);
      const auto tools = std::binomial_distribution<int>(300 - cut, 0.2)(random);
      counts.add("stop", 300 - cut - tools);
      counts.add("length", cut);
      counts.add("tool_calls", tools);
    }
    return out;
  }();
  return all[window];
}

constexpr size_t kComposition = 3;  // the place of the composition among a window's observations

/// Latency, error rate, requests and finish reasons by window.
const std::vector<std::vector<Observation>>& windows() {
  static const auto all = [] {
    std::mt19937_64 random(1);
    std::normal_distribution<double> normal;
    std::vector<std::vector<Observation>> out;
    for (size_t i = 0; i < kWindows; ++i) {
      const double latency = 1.2 * std::exp(0.05 * normal(random));
      const double errors = static_cast<double>(std::binomial_distribution<int>(300, 0.03)(random));
      const double requests = static_cast<double>(std::poisson_distribution<int>(300)(random));
      out.push_back(
          {{.kind = MeasureKind::distribution, .value = latency, .variance = 0.004, .n = 300},
           {.kind = MeasureKind::rate, .value = errors / 300, .n = 300, .successes = errors, .trials = 300},
           {.kind = MeasureKind::sum, .value = requests, .variance = requests, .n = requests, .events = requests},
           {.kind = MeasureKind::composition, .n = 300, .categories = &finish_reasons(i)}});
    }
    return out;
  }();
  return all;
}

Window window_at(size_t index, std::span<const Observation> observations) {
  const auto hours = static_cast<unsigned>(index / 12);
  return {.start = Timestamp(std::chrono::days(19723)) + index * std::chrono::minutes(5),
          .width = std::chrono::minutes(5),
          .season = {.hour = hours % 24, .weekday = hours / 24 % 7},
          .observations = observations};
}

void naive_z_score(benchmark::State& state) {
  double n = 0, mean = 0, squares = 0;
  size_t at = 0;
  for (auto _ : state) {
    const double value = windows()[at++ % kWindows][0].value;
    benchmark::DoNotOptimize((value - mean) / std::sqrt(squares / n));
    n += 1;
    const double before = value - mean;
    mean += before / n;
    squares += before * (value - mean);
  }
  state.counters["memory_bytes"] = 3 * sizeof(double);
}
BENCHMARK(naive_z_score);

void detector(benchmark::State& state, const std::string& name, size_t first, size_t count) {
  const auto made =
      make_detector(name, name == "threshold" ? DetectorSettings{{"above", "2"}} : DetectorSettings{}, count);
  Detector& detector = **made;
  size_t at = 0;
  const auto window = [&] { return window_at(at, std::span(windows()[at % kWindows]).subspan(first, count)); };
  for (; at < kWindows; ++at) detector.learn(window(), {});
  for (auto _ : state) {
    benchmark::DoNotOptimize(detector.score(window(), {}));
    detector.learn(window(), {});
    ++at;
  }
  ByteWriter saved;
  detector.save(saved);
  state.counters["memory_bytes"] = static_cast<double>(detector.memory_bytes());
  state.counters["saved_bytes"] = static_cast<double>(saved.bytes().size());
}

/// Bytes of memory this process has in use (Linux).
double resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  double total = 0;
  double resident = 0;
  statm >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

/// Very many series, each with the state of one that has learnt a week: what a restart restores.
void resident(benchmark::State& state, const std::string& name, size_t series, size_t first, size_t count) {
  const DetectorSettings settings = name == "threshold" ? DetectorSettings{{"above", "2"}} : DetectorSettings{};
  const auto learnt = make_detector(name, settings, count);
  for (size_t at = 0; at < kWindows; ++at)
    (*learnt)->learn(window_at(at, std::span(windows()[at]).subspan(first, count)), {});
  ByteWriter saved;
  (*learnt)->save(saved);
  for (auto _ : state) {
    malloc_trim(0);
    const double before = resident_bytes();
    std::vector<std::unique_ptr<Detector>> all(series);
    for (auto& detector : all) {
      auto made = make_detector(name, settings, count);
      ByteReader in(saved.bytes());
      if (!made || !(*made)->load(in)) return state.SkipWithError("a saved detector was not restored");
      // One more window: what is only made when something is learnt is there too.
      (*made)->learn(window_at(kWindows, std::span(windows()[0]).subspan(first, count)), {});
      detector = std::move(*made);
    }
    const double bytes = resident_bytes() - before;
    state.counters["bytes_per_series"] = bytes / static_cast<double>(series);
    state.counters["series"] = static_cast<double>(series);
    state.counters["gigabytes"] = bytes / 1e9;
  }
}

void register_resident(const std::string& name, size_t series, size_t first, size_t count) {
  benchmark::RegisterBenchmark(("resident/" + name).c_str(), resident, name, series, first, count)
      ->Iterations(1)
      ->Unit(benchmark::kMillisecond);
}

const bool kRegistered = [] {
  for (const DetectorInfo& info : describe_detectors()) {
    if (info.is_multivariate) {
      for (const size_t count : {2, 3})
        benchmark::RegisterBenchmark((info.name + "/" + std::to_string(count)).c_str(), detector, info.name, 0, count);
      continue;
    }
    if (info.watches_categories) {
      benchmark::RegisterBenchmark((info.name + "/composition").c_str(), detector, info.name, kComposition, 1);
      continue;
    }
    benchmark::RegisterBenchmark((info.name + "/distribution").c_str(), detector, info.name, 0, 1);
    benchmark::RegisterBenchmark((info.name + "/rate").c_str(), detector, info.name, 1, 1);
    benchmark::RegisterBenchmark((info.name + "/sum").c_str(), detector, info.name, 2, 1);
  }
  constexpr size_t kMillion = 1'000'000;
  for (const DetectorInfo& info : describe_detectors()) {
    if (info.is_multivariate) {
      register_resident(info.name, kMillion / 20, 0, 3);
    } else {
      const bool is_large = info.name == "novelty" || info.watches_categories;
      register_resident(info.name, is_large ? kMillion / 10 : kMillion, info.watches_categories ? kComposition : 0, 1);
    }
  }
  return true;
}();

}  // namespace
}  // namespace tidewatch

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "--print-series") {
    for (const auto& window : tidewatch::windows()) std::printf("%.17g\n", window[0].value);
    return 0;
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
