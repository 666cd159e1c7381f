// How soon measures that change together are found at one false alarm a month, by `multivariate`, by detectors of each
// measure alone, and by the best that can be: a cumulative sum that knows when nothing is wrong and what will be. And
// how soon another correlation is found, by `comovement` beside `multivariate`.
//
// Each detector's threshold is measured: the bits that it exceeds once in 8,640 windows of five minutes (a month) where
// nothing happens, excursions less than an hour apart counted once. Same data for all.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "detectors/detect/registry.h"
#include "unit/detectors/detect/traffic.h"

namespace tidewatch::testing {
namespace {

constexpr size_t kMonth = 30 * kDay;
constexpr size_t kHour = 12;
constexpr size_t kPatience = 2 * kDay;  // windows in which a change must be found
constexpr double kEngineBits = 17.6;    // from which the engine learns a window as an anomaly
constexpr double kNone = 0;

/// What one window showed, and both measures in standard deviations from what is normal.
struct Draw {
  std::vector<Observation> seen;
  std::array<double, 2> score{};
};

/// Two measures of 1,000 requests by window. What changes does so in the standard deviations between windows.
struct World {
  std::string name;
  double season = 0;           ///< depth of a day in latency
  double correlation = 0;      ///< while nothing happens
  double new_correlation = 0;  ///< after the change
  double step = 0;             ///< both up
  double new_spread = 1;       ///< of the first
};

constexpr double kRequests = 1000;
constexpr double kErrorRate = 0.02;

double log_odds(double errors) { return std::log((errors + 0.5) / (kRequests - errors + 0.5)); }

/// Log odds of the error rate vary by 0.3 between windows, beside what chance does to 1,000 requests.
double draw_errors(Traffic& traffic, double further) {
  const double odds = std::log(kErrorRate / (1 - kErrorRate)) + 0.3 * traffic.normal() + further;
  return traffic.binomial(kRequests, 1 / (1 + std::exp(-odds)));
}

struct Normal {
  double mean = 0;
  double deviation = 1;
};

/// Of the log odds that are seen while nothing happens.
Normal errors_as_seen() {
  Traffic traffic(7);
  constexpr int kDraws = 100'000;
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double seen = log_odds(draw_errors(traffic, 0));
    sum += seen;
    squares += seen * seen;
  }
  return {sum / kDraws, std::sqrt(squares / kDraws - sum * sum / kDraws / kDraws)};
}

Observation latency_of(double score, double usual) { return mean(usual * std::exp(0.05 * score), 0.002, kRequests); }

/// Latency and error rate, independent of each other.
Draw draw_levels(const World& world, Traffic& traffic, size_t index, double step) {
  static const Normal usual = errors_as_seen();
  Draw out;
  out.score[0] = traffic.normal() + step;
  const double errors = draw_errors(traffic, step * usual.deviation);
  out.score[1] = (log_odds(errors) - usual.mean) / usual.deviation;
  out.seen = {latency_of(out.score[0], 1.2 * daily(index, world.season)), rate(errors, kRequests)};
  return out;
}

/// Two latencies that vary together.
Draw draw_pair(Traffic& traffic, double correlation, double spread) {
  Draw out;
  const double common = traffic.normal();
  for (double& score : out.score)
    score = std::sqrt(correlation) * common + std::sqrt(1 - correlation) * traffic.normal();
  out.seen = {latency_of(spread * out.score[0], 1.2), latency_of(out.score[1], 0.4)};
  return out;
}

Draw draw(const World& world, Traffic& traffic, size_t index, bool is_changed) {
  if (world.step > 0) return draw_levels(world, traffic, index, is_changed ? world.step : 0);
  return draw_pair(traffic, is_changed ? world.new_correlation : world.correlation, is_changed ? world.new_spread : 1);
}

/// Takes the windows in order and says the bits, or the statistic, of each.
using Judge = std::function<double(size_t index, const Draw&)>;

Judge detector(const std::string& name, const DetectorSettings& settings, std::vector<size_t> which,
               std::vector<Direction> worse) {
  struct State {
    std::unique_ptr<Detector> detector;
    std::vector<size_t> which;
    std::vector<Direction> worse;
  };
  auto state = std::make_shared<State>(
      State{make_detector(name, settings, which.size()).value(), std::move(which), std::move(worse)});
  return [state](size_t index, const Draw& drawn) {
    std::vector<Observation> seen;
    for (const size_t i : state->which) seen.push_back(drawn.seen[i]);
    const Window window = window_at(index, seen);
    Context context;
    if (seen.size() > 1)
      context.worse = state->worse;
    else if (!state->worse.empty())
      context.direction = state->worse[0];
    const Verdict verdict = state->detector->score(window, context);
    const bool is_scored = verdict.judgement == Judgement::scored;
    state->detector->learn(window, {.anomalous = is_scored && verdict.surprise >= kEngineBits});
    return is_scored ? verdict.surprise : kNone;
  };
}

Judge either(Judge a, Judge b) {
  return [a = std::move(a), b = std::move(b)](size_t index, const Draw& drawn) {
    const double first = a(index, drawn);
    return std::max(first, b(index, drawn));
  };
}

/// Page's cumulative sum of the log likelihood ratio of the very change, from what is seen in standard deviations.
Judge oracle(double step) {
  auto sum = std::make_shared<double>(0);
  return [sum, step](size_t, const Draw& drawn) {
    double evidence = 0;
    for (const double score : drawn.score) evidence += step * score - 0.5 * step * step;
    return *sum = std::max(0.0, *sum + evidence);
  };
}

struct Contender {
  std::string name;
  std::function<Judge()> make;
};

/// Separate excursions beyond `bits`: an hour below ends one.
size_t excursions(const std::vector<float>& bits, double threshold) {
  size_t count = 0;
  size_t below = kHour;
  for (const float each : bits) {
    if (each < threshold) {
      ++below;
      continue;
    }
    count += below >= kHour ? 1 : 0;
    below = 0;
  }
  return count;
}

/// The bits exceeded once a month in these series.
double monthly_threshold(const std::vector<std::vector<float>>& series) {
  double windows = 0;
  std::vector<float> all;
  for (const auto& each : series) {
    windows += static_cast<double>(each.size());
    all.insert(all.end(), each.begin(), each.end());
  }
  std::sort(all.begin(), all.end());
  const double allowed = windows / static_cast<double>(kMonth);
  // Between the largest value and one that is exceeded by far too many windows the count falls with the threshold.
  size_t low = all.size() - std::min(all.size(), static_cast<size_t>(allowed * 50) + 1);
  size_t high = all.size() - 1;
  while (low < high) {
    const size_t middle = (low + high) / 2;
    size_t count = 0;
    for (const auto& each : series) count += excursions(each, std::nextafter(all[middle], HUGE_VALF));
    if (static_cast<double>(count) > allowed)
      low = middle + 1;
    else
      high = middle;
  }
  return std::nextafter(all[low], HUGE_VALF);
}

struct Size {
  size_t null_series;
  size_t null_windows;
  size_t runs;
};

void compare(const World& world, const std::vector<Contender>& contenders, Size size) {
  const size_t learning = world.season > 0 ? 28 * kDay : 7 * kDay;
  std::vector<std::vector<std::vector<float>>> quiet(contenders.size());
  for (size_t series = 0; series < size.null_series; ++series) {
    Traffic traffic(1'000'000 + series);
    std::vector<Judge> judges;
    for (const Contender& each : contenders) judges.push_back(each.make());
    for (auto& bits : quiet) bits.emplace_back();
    for (size_t index = 0; index < learning + size.null_windows; ++index) {
      const Draw drawn = draw(world, traffic, index, false);
      for (size_t i = 0; i < judges.size(); ++i) {
        const double said = judges[i](index, drawn);
        if (index >= learning) quiet[i].back().push_back(static_cast<float>(said));
      }
    }
  }
  std::vector<double> thresholds;
  for (const auto& series : quiet) thresholds.push_back(monthly_threshold(series));

  std::vector<std::vector<size_t>> delays(contenders.size());
  for (size_t run = 0; run < size.runs; ++run) {
    Traffic traffic(1 + run);
    std::vector<Judge> judges;
    for (const Contender& each : contenders) judges.push_back(each.make());
    std::vector<size_t> found(judges.size(), kPatience + 1);
    for (size_t index = 0; index < learning + kPatience; ++index) {
      const Draw drawn = draw(world, traffic, index, index >= learning);
      for (size_t i = 0; i < judges.size(); ++i) {
        if (found[i] <= kPatience) continue;
        const double said = judges[i](index, drawn);
        if (index >= learning && said >= thresholds[i]) found[i] = index - learning + 1;
      }
    }
    for (size_t i = 0; i < judges.size(); ++i) delays[i].push_back(found[i]);
  }

  fmt::print("\n{}: {} changes after {} windows; thresholds from {} windows in which nothing happens\n\n", world.name,
             size.runs, learning, size.null_series * size.null_windows);
  fmt::print("| | threshold | median windows | 90 % within | found within an hour | not in two days |\n");
  fmt::print("|---|---|---|---|---|---|\n");
  for (size_t i = 0; i < contenders.size(); ++i) {
    auto& found = delays[i];
    std::sort(found.begin(), found.end());
    const auto share = [&](size_t windows) {
      const auto within = std::upper_bound(found.begin(), found.end(), windows) - found.begin();
      return 100.0 * static_cast<double>(within) / static_cast<double>(found.size());
    };
    const auto shown = [&](size_t at) {
      return found[at] > kPatience ? std::string("never") : fmt::format("{}", found[at]);
    };
    fmt::print("| {} | {:.1f} | {} | {} | {:.0f} % | {:.0f} % |\n", contenders[i].name, thresholds[i],
               shown(found.size() / 2), shown(found.size() * 9 / 10), share(kHour), 100 - share(kPatience));
    std::fflush(stdout);
  }
}

void compare_levels(double season, Size size) {
  const std::vector<Direction> up{Direction::up, Direction::up};
  const DetectorSettings settings{{"season", season > 0 ? "true" : "false"}};
  const auto one = [=](const char* name, size_t which) {
    return [=] { return detector(name, settings, {which}, {Direction::up}); };
  };
  compare({.name = fmt::format("latency and error rate 0.7 standard deviations up, {}",
                               season > 0 ? "latency with a day" : "no season"),
           .season = season,
           .step = 0.7},
          {{"oracle: CUSUM that knows size and direction", [] { return oracle(0.7); }},
           {"`multivariate`",
            [=] {
              return detector("multivariate", settings, {0, 1}, up);
            }},
           {"`shift` of either", [=] { return either(one("shift", 0)(), one("shift", 1)()); }},
           {"`shift` of latency", one("shift", 0)},
           {"`shift` of error rate", one("shift", 1)},
           {"`point` of latency", one("point", 0)},
           {"`point` of error rate", one("point", 1)}},
          size);
}

void compare_covariances(World world, Size size) {
  const DetectorSettings settings{{"season", "false"}};
  compare(world,
          {{"`comovement`",
            [=] {
              return detector("comovement", settings, {0, 1}, {});
            }},
           {"`multivariate`",
            [=] {
              return detector("multivariate", settings, {0, 1}, {});
            }},
           {"`point` of either",
            [=] { return either(detector("point", settings, {0}, {}), detector("point", settings, {1}, {})); }}},
          size);
}

}  // namespace
}  // namespace tidewatch::testing

int main(int argc, char** argv) {
  using namespace tidewatch::testing;
  const bool is_quick = argc > 1 && std::string_view(argv[1]) == "--quick";
  if (argc > 1 && !is_quick) {
    fmt::print(stderr, "usage: multivariate_bench [--quick]\n");
    return 64;
  }
  const Size size = is_quick ? Size{20, 7 * kDay, 101} : Size{40, 28 * kDay, 201};
  compare_levels(0, size);
  compare_levels(0.5, size);
  compare_covariances({.name = "correlation 0.8 becomes 0", .correlation = 0.8}, size);
  compare_covariances({.name = "correlation 0 becomes 0.8", .new_correlation = 0.8}, size);
  compare_covariances(
      {.name = "spread of one doubled, correlation 0.5", .correlation = 0.5, .new_correlation = 0.5, .new_spread = 2},
      size);
}
