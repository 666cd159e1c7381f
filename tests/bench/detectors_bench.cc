// A window through each detector (score and learn), beside the naive way in the same run: running mean and standard
// deviation and a z-score. And the bytes a series takes in memory and saved.
#include <benchmark/benchmark.h>

#include <cmath>
#include <random>
#include <vector>

#include "detectors/detect/registry.h"

namespace tidewatch {
namespace {

constexpr size_t kWindows = 2016;  // a week of five minutes

/// Latency, error rate and requests by window.
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
           {.kind = MeasureKind::sum, .value = requests, .variance = requests, .n = requests, .events = requests}});
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

const bool kRegistered = [] {
  for (const DetectorInfo& info : describe_detectors()) {
    if (info.name == "multivariate") {
      for (const size_t count : {2, 3})
        benchmark::RegisterBenchmark((info.name + "/" + std::to_string(count)).c_str(), detector, info.name, 0, count);
      continue;
    }
    benchmark::RegisterBenchmark((info.name + "/distribution").c_str(), detector, info.name, 0, 1);
    benchmark::RegisterBenchmark((info.name + "/rate").c_str(), detector, info.name, 1, 1);
    benchmark::RegisterBenchmark((info.name + "/sum").c_str(), detector, info.name, 2, 1);
  }
  return true;
}();

}  // namespace
}  // namespace tidewatch

BENCHMARK_MAIN();
