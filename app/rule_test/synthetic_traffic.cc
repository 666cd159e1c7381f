#include "app/rule_test/synthetic_traffic.h"

#include <absl/strings/numbers.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>

#include "detectors/sketch/distinct.h"
#include "stream/assemble/combiner.h"

namespace tidewatch {
namespace {

/// Shares whole things evenly: what is left of one step is carried to the next.
class Carry {
 public:
  size_t take(double amount) {
    owed_ += std::max(0.0, amount);
    const double whole = std::floor(owed_ + 1e-9);
    owed_ -= whole;
    return static_cast<size_t>(std::max(0.0, whole));
  }

 private:
  double owed_ = 0.5;  ///< so that single steps are rounded, not cut
};

double standard_quantile(double p) { return boost::math::quantile(boost::math::normal(), p); }

/// How far the median of log-normal values is from the statistic that is given.
double median_factor(Statistic statistic, double sigma) {
  switch (statistic) {
    case Statistic::p95:
      return std::exp(-sigma * standard_quantile(0.95));
    case Statistic::p99:
      return std::exp(-sigma * standard_quantile(0.99));
    case Statistic::p50:
      return 1;
    case Statistic::value:
    case Statistic::mean:
      break;
  }
  return std::exp(-sigma * sigma / 2);
}

size_t poisson(double mean, gen::Random& random) {
  size_t out = 0;
  for (double left = mean - random.exponential(1); left > 0; left -= random.exponential(1)) ++out;
  return out;
}

/// One category or the whole of a series: values by step, and what is carried from pane to pane.
struct Line {
  std::string category;
  std::vector<std::optional<double>> values;
  Carry count;
  Carry hits;
};

struct Source {
  const TestSeries* series = nullptr;
  WatchedMeasure watched{};
  MeasureInfo info;
  std::vector<std::string> entities;  ///< keys
  std::vector<Line> lines;
};

}  // namespace

class SyntheticTraffic::Generator {
 public:
  Generator(const Config& config, const RuleTest& test)
      : test_(&test), pane_(config.detect.pane), random_(test.seed), combiner_(pane_, catalog_) {
    for (const auto& measure : config.detect.measures) catalog_.add(measure.info);
    for (const TestSeries& series : test.series) add(series, config.detect.entities);
  }

  size_t panes() const { return steps_ * panes_per_step(); }
  Timestamp start_of(size_t pane) const { return test_->start + pane_ * static_cast<int64_t>(pane); }
  Duration pane() const { return pane_; }

  void emit(size_t pane, Effects& out) {
    for (Source& source : sources_)
      for (Line& line : source.lines) {
        const size_t step = pane / panes_per_step();
        if (step < line.values.size() && line.values[step]) fill(source, line, *line.values[step], start_of(pane));
      }
    combiner_.flush(out);
  }

 private:
  size_t panes_per_step() const { return static_cast<size_t>(test_->step / pane_); }

  void add(const TestSeries& series, const std::vector<EntityGroup>& groups) {
    Source source;
    source.series = &series;
    const auto watched = resolve_watched(catalog_, series.measure);
    TW_CHECK(watched.has_value(), "the measure was checked when the test was read");
    source.watched = *watched;
    source.info = catalog_.info(watched->measure);
    Labels labels;
    for (const auto& [name, value] : series.labels) labels.set(name, value);
    for (const auto& group : groups)
      if (auto key = entity_key(group, labels); !key.empty()) source.entities.push_back(std::move(key));
    for (const auto& [category, parts] : series.parts) {
      Line line;
      line.category = category;
      line.values = expand(parts, test_->start, test_->step, random_);
      for (auto& value : line.values)
        if (value && series.noise > 0) *value *= 1 + series.noise * random_.normal();
      steps_ = std::max(steps_, line.values.size());
      source.lines.push_back(std::move(line));
    }
    sources_.push_back(std::move(source));
  }

  /// One value, spread evenly over the panes of its step; every entity sees the same observations.
  void fill(const Source& source, Line& line, double value, Timestamp at) {
    const Domain domain = domain_of(source.info);
    value = domain.nearest(value);
    const auto panes = static_cast<double>(panes_per_step());
    const bool is_sampled = source.series->is_sampled;
    const auto each = [&](const auto& add_to) {
      for (const auto& key : source.entities) add_to(combiner_.at(key, at).cell(source.watched.measure, source.info));
    };
    switch (source.info.kind) {
      case MeasureKind::rate:
        return fill_rate(line.count.take(source.series->n / panes), value, is_sampled, line, each);
      case MeasureKind::distribution:
        return fill_distribution(line.count.take(source.series->n / panes), value, source, domain, each);
      case MeasureKind::sum: {
        const bool is_count = source.info.unit == Unit::count;
        const double events = (is_count ? value : source.series->n) / panes;
        const size_t n = is_sampled ? poisson(events, random_) : line.count.take(events);
        const double size = is_count ? 1 : value / source.series->n;
        each([&](Aggregate& aggregate) {
          for (size_t i = 0; i < n; ++i) aggregate.add_value(size);
        });
        return;
      }
      case MeasureKind::distinct:
        each([&](Aggregate& aggregate) {
          for (size_t i = 0; i < static_cast<size_t>(std::llround(value)); ++i)
            aggregate.add_key(hash_key(fmt::format("{}", i)));
        });
        return;
      case MeasureKind::composition: {
        const double amount = std::max(0.0, value) / panes;
        const size_t n = is_sampled ? poisson(amount, random_) : line.count.take(amount);
        if (n > 0) each([&](Aggregate& aggregate) { aggregate.add_category(line.category, static_cast<double>(n)); });
        return;
      }
    }
  }

  template <typename Each>
  void fill_rate(size_t n, double share, bool is_sampled, Line& line, const Each& each) {
    size_t hits = 0;
    if (is_sampled)
      for (size_t i = 0; i < n; ++i) hits += random_.chance(share) ? 1 : 0;
    else
      hits = std::min(n, line.hits.take(share * static_cast<double>(n)));
    each([&](Aggregate& aggregate) {
      for (size_t i = 0; i < n; ++i) aggregate.add_trial(i < hits);
    });
  }

  template <typename Each>
  void fill_distribution(size_t n, double value, const Source& source, const Domain& domain, const Each& each) {
    const double sigma = source.series->spread;
    const double median = value * median_factor(source.watched.statistic, sigma);
    std::vector<double> observations;
    for (size_t i = 0; i < n; ++i) {
      const double at = source.series->is_sampled
                            ? random_.normal()
                            : standard_quantile((static_cast<double>(i) + 0.5) / static_cast<double>(n));
      observations.push_back(domain.nearest(median * std::exp(sigma * at)));
    }
    each([&](Aggregate& aggregate) {
      for (const double observation : observations) aggregate.add_value(observation);
    });
  }

  const RuleTest* test_;
  Duration pane_;
  gen::Random random_;
  MeasureCatalog catalog_;
  Combiner combiner_;
  std::vector<Source> sources_;
  size_t steps_ = 0;
};

namespace {

/// What assemble would be: emits the partials of a pane when it reads the pane's number.
template <typename Generator>
class PaneSource final : public Stage {
 public:
  explicit PaneSource(std::shared_ptr<Generator> generator) : generator_(std::move(generator)) {}

  void on_record(const Record& record, Effects& out) override {
    uint64_t pane = 0;
    const bool is_number = absl::SimpleAtoi(absl::string_view(record.value.data(), record.value.size()), &pane);
    TW_CHECK(is_number, "records are numbers of panes");
    generator_->emit(pane, out);
    watermark_ = std::max(watermark_, generator_->start_of(pane) + generator_->pane());
  }
  void on_watermark(Timestamp watermark, Effects&) override { watermark_ = std::max(watermark_, watermark); }
  Timestamp output_watermark() const override { return watermark_; }

 private:
  std::shared_ptr<Generator> generator_;
  Timestamp watermark_ = kMinTimestamp;
};

}  // namespace

SyntheticTraffic::SyntheticTraffic(const Config& config, const RuleTest& test)
    : generator_(std::make_shared<Generator>(config, test)) {}

SyntheticTraffic::~SyntheticTraffic() = default;

size_t SyntheticTraffic::panes() const { return generator_->panes(); }

Timestamp SyntheticTraffic::end() const { return generator_->start_of(generator_->panes()); }

StageSpec SyntheticTraffic::stage() const {
  StageSpec out;
  out.name = "series";
  out.inputs = {Stream::fragments};
  out.downstream = {{.stream = Stream::partials}};
  out.is_source = true;
  out.make = [generator = generator_]() -> std::unique_ptr<Stage> {
    return std::make_unique<PaneSource<Generator>>(generator);
  };
  return out;
}

}  // namespace tidewatch
