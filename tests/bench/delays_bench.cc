// How long lasting changes take to be found, at one false alarm a month and series.
//
// Usage: delays_bench [--quick]
// For each detector the threshold at which series without any change have one alarm in 30 days is measured first, in
// the same program on other seeds; then the windows from the change to the first alarm. An alarm that follows another
// within twelve windows is the same one, as in the lifecycle of alerts. `oracle` is Page's CUSUM told the level, the
// spread, the size and the side of the change: what no detector that has to learn can do better than.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/detect/registry.h"
#include "detectors/sketch/aggregate.h"
#include "unit/detectors/detect/traffic.h"

namespace tidewatch::testing {
namespace {

constexpr Duration kMonth = std::chrono::days(30);
constexpr size_t kSameAlarm = 12;  ///< windows

/// One window of one series; the categories and classes live as long as this.
struct Drawn {
  Observation seen;
  CategoryCounts categories;
};

/// What a series shows in a window, before (false) or since the change, `since` windows after it.
using Draw = std::function<void(Traffic&, bool is_changed, size_t since, Drawn& out)>;

/// Something that reads windows in order and says how surprising each is: bits, or another statistic.
class Judge {
 public:
  Judge() = default;
  Judge(const Judge&) = delete;
  Judge& operator=(const Judge&) = delete;
  virtual ~Judge() = default;
  virtual double pass(const Window& window) = 0;
};

class OfDetector final : public Judge {
 public:
  OfDetector(std::string_view name, const DetectorSettings& settings, Direction direction, double alert_bits)
      : detector_(make_detector(name, settings).value()), alert_bits_(alert_bits) {
    context_.direction = direction;
  }
  double pass(const Window& window) override {
    const Verdict verdict = detector_->score(window, context_);
    const bool is_scored = verdict.judgement == Judgement::scored;
    detector_->learn(window, {.anomalous = is_scored && verdict.surprise >= alert_bits_});
    return is_scored ? verdict.surprise : 0;
  }

 private:
  std::unique_ptr<Detector> detector_;
  Context context_;
  double alert_bits_;
};

class Oracle final : public Judge {
 public:
  Oracle(double level, double spread, double shift) : level_(level), spread_(spread), shift_(shift / spread) {}
  double pass(const Window& window) override {
    const double z = (window.observations[0].value - level_) / spread_;
    sum_ = std::max(0.0, sum_ + shift_ * z - shift_ * shift_ / 2);
    return sum_ / std::log(2);
  }

 private:
  double level_;
  double spread_;
  double shift_;  ///< in standard deviations
  double sum_ = 0;
};

struct Contender {
  std::string name;
  std::function<std::unique_ptr<Judge>()> make;
};

struct Scenario {
  std::string name;
  std::string goal;
  Duration width{};
  size_t within = 0;    ///< the goal, in windows
  size_t learnt = 0;    ///< windows before anything is counted
  size_t null = 0;      ///< windows without change, of each series
  size_t series = 0;    ///< of the runs without change
  size_t changes = 0;   ///< runs with one
  size_t patience = 0;  ///< windows after which a change counts as missed
  Draw draw;
  std::vector<Contender> contenders;
};

void next_window(const Scenario& of, Traffic& traffic, size_t index, bool is_changed, size_t since, Drawn& drawn,
                 Window& window) {
  drawn = {};
  of.draw(traffic, is_changed, since, drawn);
  window.start = Timestamp(std::chrono::days(19723)) + index * of.width;
  window.width = of.width;
  const auto hours = static_cast<unsigned>(std::chrono::floor<std::chrono::hours>(index * of.width).count());
  window.season = {.hour = hours % 24, .weekday = hours / 24 % 7};
  window.observations = {&drawn.seen, 1};
}

/// Alarms of a series at a threshold.
size_t alarms(const std::vector<float>& scores, double threshold) {
  size_t out = 0;
  size_t calm = kSameAlarm + 1;
  for (const float score : scores) {
    if (score < threshold) {
      ++calm;
      continue;
    }
    out += calm > kSameAlarm ? 1 : 0;
    calm = 0;
  }
  return out;
}

/// The threshold with no more than one alarm a month in the runs without change.
double monthly_threshold(const Scenario& of, const Contender& contender) {
  std::vector<std::vector<float>> scores(of.series);
  for (size_t series = 0; series < of.series; ++series) {
    Traffic traffic(1000 + series);
    const auto judge = contender.make();
    Drawn drawn;
    Window window;
    for (size_t i = 0; i < of.learnt + of.null; ++i) {
      next_window(of, traffic, i, false, 0, drawn, window);
      const double score = judge->pass(window);
      if (i >= of.learnt) scores[series].push_back(static_cast<float>(score));
    }
  }
  const double months = static_cast<double>(of.series * of.null) * to_seconds(of.width) / to_seconds(kMonth);
  double low = 0;
  double high = 64;
  for (int step = 0; step < 40; ++step) {
    const double middle = (low + high) / 2;
    size_t found = 0;
    for (const auto& one : scores) found += alarms(one, middle);
    (static_cast<double>(found) > months ? low : high) = middle;
  }
  return high;
}

void compete(const Scenario& of) {
  const double claimed = std::log2(to_seconds(kMonth) / to_seconds(of.width));
  fmt::print("\n{}\n  goal: {}; without change: {:.0f} months\n", of.name, of.goal,
             static_cast<double>(of.series * of.null) * to_seconds(of.width) / to_seconds(kMonth));
  fmt::print("  {:<12} {:>22} {:>14} {:>10} {:>14}\n", "", "bits at one a month", "median delay", "90 %",
             "within goal");
  for (const Contender& contender : of.contenders) {
    const double threshold = monthly_threshold(of, contender);
    std::vector<size_t> delays;
    for (size_t run = 0; run < of.changes; ++run) {
      Traffic traffic(run + 1);
      const auto judge = contender.make();
      Drawn drawn;
      Window window;
      size_t index = 0;
      for (; index < of.learnt; ++index) {
        next_window(of, traffic, index, false, 0, drawn, window);
        judge->pass(window);
      }
      size_t delay = of.patience + 1;
      for (size_t since = 1; since <= of.patience && delay > of.patience; ++since, ++index) {
        next_window(of, traffic, index, true, since, drawn, window);
        if (judge->pass(window) >= threshold) delay = since;
      }
      delays.push_back(delay);
    }
    std::sort(delays.begin(), delays.end());
    const auto told = [&](size_t rank) {
      return delays[rank] > of.patience ? fmt::format("> {}", of.patience) : fmt::format("{}", delays[rank]);
    };
    const auto in_time = static_cast<double>(
        std::count_if(delays.begin(), delays.end(), [&](size_t delay) { return delay <= of.within; }));
    fmt::print("  {:<12} {:>22} {:>14} {:>10} {:>13.0f}%\n", contender.name,
               fmt::format("{:.1f} (claim {:.1f})", threshold, claimed), told(delays.size() / 2),
               told(delays.size() * 9 / 10), 100 * in_time / static_cast<double>(delays.size()));
  }
}

Contender detector(std::string_view name, const Scenario& of, Direction direction = Direction::up) {
  const double bits = std::log2(to_seconds(kMonth) / to_seconds(of.width));
  return {std::string(name), [=] { return std::make_unique<OfDetector>(name, DetectorSettings{}, direction, bits); }};
}

constexpr double kRequests = 20;  ///< a minute

/// Latencies of 1 s ± 0.2 s, `shift` seconds more since the change; with its mean or median as the window's number.
Draw latencies(double shift, Statistic statistic) {
  return [=](Traffic& traffic, bool is_changed, size_t, Drawn& out) {
    Aggregate seen(MeasureKind::distribution);
    const double n = std::max(1.0, traffic.poisson(kRequests));
    for (double i = 0; i < n; ++i)
      seen.add_value(std::max(0.01, 1 + 0.2 * traffic.normal() + (is_changed ? shift : 0)));
    out.seen = seen.observe(statistic);
    out.seen.domain.low = 0;
  };
}

/// Windows whose mean is 1 s ± 0.2 s, of so many requests that sampling does not matter.
Draw levels(double spread, double shift) {
  return [=](Traffic& traffic, bool is_changed, size_t, Drawn& out) {
    out.seen = mean(std::max(0.01, 1 + spread * traffic.normal() + (is_changed ? shift : 0)), 0.001, 1000);
    out.seen.domain.low = 0;
  };
}

Scenario minutes(std::string name, std::string goal, size_t within, size_t patience, bool is_quick) {
  Scenario out;
  out.name = std::move(name);
  out.goal = std::move(goal);
  out.width = std::chrono::minutes(1);
  out.within = within;
  out.learnt = size_t{14} * 1440;
  out.null = size_t{30} * 1440;
  out.series = is_quick ? 4 : 40;
  out.changes = is_quick ? 21 : 101;
  out.patience = patience;
  return out;
}

void latency_steps_up(bool is_quick) {
  Scenario of = minutes("latency of 20 requests a minute, 1 s ± 0.2 s each, to a steady 1.5 s (median by minute)",
                        "5 windows of a minute", 5, 600, is_quick);
  of.draw = latencies(0.5, Statistic::p50);
  of.contenders = {detector("shift", of), detector("point", of)};
  compete(of);

  of.name = "latency whose minutes vary by 1 s ± 0.2 s, to a steady 1.5 s";
  of.draw = levels(0.2, 0.5);
  of.contenders = {
      detector("shift", of), detector("point", of), {"oracle", [] { return std::make_unique<Oracle>(1, 0.2, 0.5); }}};
  compete(of);
}

void half_a_sigma(bool is_quick) {
  Scenario of = minutes("half a standard deviation of the window mean (20 requests a minute of 1 s ± 0.2 s, mean)",
                        "2 hours, 120 windows of a minute", 120, 1440, is_quick);
  const double spread = 0.2 / std::sqrt(kRequests);
  of.draw = latencies(spread / 2, Statistic::mean);
  of.contenders = {detector("shift", of),
                   detector("point", of),
                   {"oracle", [=] { return std::make_unique<Oracle>(1, spread, spread / 2); }}};
  compete(of);
}

void votes_decline(bool is_quick) {
  Scenario of;
  of.name = "positive feedback of 1,000 votes a day, from 85 %, loses 0.7 points a day (windows of an hour)";
  of.goal = "10 days";
  of.width = std::chrono::hours(1);
  of.within = 10 * 24 + 1;  // a day is judged when it is over
  of.learnt = size_t{40} * 24;
  of.null = size_t{180} * 24;
  of.series = is_quick ? 10 : 60;
  of.changes = is_quick ? 21 : 101;
  of.patience = size_t{40} * 24;
  of.draw = [](Traffic& traffic, bool is_changed, size_t since, Drawn& out) {
    const double n = traffic.poisson(1000.0 / 24);
    const double day = is_changed ? std::ceil(static_cast<double>(since) / 24) : 0;
    out.seen = n > 0 ? rate(traffic.binomial(n, std::max(0.05, 0.85 - 0.007 * day)), n) : nothing(MeasureKind::rate);
  };
  of.contenders = {detector("trend", of, Direction::down), detector("shift", of, Direction::down),
                   detector("point", of, Direction::down)};
  compete(of);
}

void composition_moves(bool is_quick) {
  Scenario of;
  of.name = "answers cut off by length, of 40 in five minutes, from 3 % to 9 %";
  of.goal = "2 hours, 24 windows of five minutes";
  of.width = std::chrono::minutes(5);
  of.within = 24;
  of.learnt = 7 * kDay;
  of.null = 60 * kDay;
  of.series = is_quick ? 4 : 20;
  of.changes = is_quick ? 21 : 101;
  of.patience = 2 * kDay;
  of.draw = [](Traffic& traffic, bool is_changed, size_t, Drawn& out) {
    const double cut = (is_changed ? 0.09 : 0.03) * std::exp(0.05 * traffic.normal());
    for (int i = 0; i < 40; ++i) {
      const double at = traffic.uniform();
      out.categories.add(at < cut ? "length" : at < cut + 0.1 ? "tool_calls" : "stop");
    }
    out.seen = {.kind = MeasureKind::composition, .value = 3, .n = 40, .categories = &out.categories};
  };
  of.contenders = {detector("drift", of)};
  compete(of);

  of.name = "lengths of answers, of 40 in five minutes: a tenth becomes four times as long, a tenth a quarter";
  of.draw = [](Traffic& traffic, bool is_changed, size_t, Drawn& out) {
    Aggregate lengths(MeasureKind::distribution);
    const double odd = is_changed ? 0.2 : 0;
    for (int i = 0; i < 40; ++i) {
      const double at = traffic.uniform();
      const double factor = at < odd / 2 ? 4 : at < odd ? 0.25 : 1;
      lengths.add_value(400 * factor * std::exp(0.4 * traffic.normal()));
    }
    out.categories = lengths.classes({});
    out.seen = lengths.observe(Statistic::p50);
    out.seen.categories = &out.categories;
  };
  of.contenders = {detector("drift", of), detector("shift", of), detector("point", of)};
  compete(of);
}

}  // namespace
}  // namespace tidewatch::testing

int main(int argc, char** argv) {
  const bool is_quick = argc > 1 && std::string_view(argv[1]) == "--quick";
  if (argc > 2 || (argc == 2 && !is_quick)) {
    fmt::print(stderr, "usage: delays_bench [--quick]\n");
    return 64;
  }
  using namespace tidewatch::testing;
  latency_steps_up(is_quick);
  half_a_sigma(is_quick);
  votes_decline(is_quick);
  composition_moves(is_quick);
  return 0;
}
