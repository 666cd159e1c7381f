#include "watch_binding.h"

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "describe.h"
#include "detectors/detect/registry.h"
#include "detectors/watch/sampling_interval.h"
#include "detectors/watch/watch.h"
#include "errors.h"
#include "rule.h"
#include "series_data.h"

namespace tidewatch::python {
namespace {

using WindowRows = py::array_t<WindowRow, py::array::c_style>;
using VerdictRows = py::array_t<VerdictRow>;
using SeriesList = std::vector<const SeriesData*>;

constexpr uint8_t kVersion = 1;

int8_t sign_of(Direction direction) {
  return static_cast<int8_t>(direction == Direction::up ? 1 : direction == Direction::down ? -1 : 0);
}

VerdictRow row_of(const Window& window, const Verdict& verdict) {
  VerdictRow out{};
  out.start = window.start.time_since_epoch().count();
  out.width = window.width.count();
  out.value = verdict.value;
  out.expected = verdict.expected;
  out.low = verdict.expected_low;
  out.high = verdict.expected_high;
  out.effect = verdict.effect;
  out.effect_absolute = verdict.effect_absolute;
  out.surprise = std::max(0.0, verdict.surprise);  // never -0
  out.observation = static_cast<int32_t>(verdict.observation);
  out.since_windows = verdict.since_windows;
  out.direction = sign_of(verdict.direction);
  out.judgement = static_cast<uint8_t>(verdict.judgement);
  return out;
}

bool is_same(const AlertNeeds& a, const AlertNeeds& b) {
  return a.surprise == b.surprise && a.effect == b.effect && a.effect_absolute == b.effect_absolute;
}

/// The arrays of one call: as many windows as rows of each series.
class Rows {
 public:
  /// `has_siblings`: the last series is what siblings showed.
  Rows(const WindowRows& windows, const SeriesList& series, size_t expected_series, bool has_siblings)
      : windows_(windows.data()),
        size_(static_cast<size_t>(windows.size())),
        series_(series),
        has_siblings_(has_siblings) {
    if (windows.ndim() != 1) throw py::value_error("windows have one dimension");
    if (series.size() != expected_series)
      throw py::value_error(fmt::format("{} series given to a detector of {}", series.size(), expected_series));
    for (const SeriesData* each : series)
      if (each->size() != size_)
        throw py::value_error(fmt::format("{} timestamps and a series of {}", size_, each->size()));
    observations_.resize(series.size());
    categories_.resize(series.size());
  }
  size_t size() const { return size_; }
  /// Valid until the next call.
  Window at(size_t row, SamplingInterval& interval) {
    for (size_t i = 0; i < series_.size(); ++i) observations_[i] = series_[i]->at(row, categories_[i]);
    const WindowRow& of = windows_[row];
    Window out;
    out.start = Timestamp(Duration(of.start));
    const Duration distance = interval.next(out.start);
    out.width = of.width > 0 ? Duration(of.width) : distance;
    out.season = {of.hour, of.weekday, of.holiday != 0};
    out.observations = observations_;
    if (!has_siblings_) return out;
    siblings_.together = observations_.back();
    out.observations = out.observations.first(observations_.size() - 1);
    out.siblings = {&siblings_, 1};
    return out;
  }

 private:
  const WindowRow* windows_;
  size_t size_;
  SeriesList series_;
  bool has_siblings_;
  Siblings siblings_;
  std::vector<Observation> observations_;
  std::vector<CategoryCounts> categories_;
};

/// What Python holds: a detector with its alert, and how far its windows are apart.
class BoundWatch {
 public:
  BoundWatch(const std::string& name, const DetectorSettings& settings, size_t observations,
             const std::string& direction, const std::vector<std::string>& worse, const SeriesList& reference)
      : name_(name),
        observations_(observations),
        compares_siblings_(take(find_detector(name))->compares_siblings),
        watch_(make(name, settings, observations)) {
    context_.direction = direction_named(direction);
    for (const auto& each : worse) worse_.push_back(direction_named(each));
    if (!worse_.empty() && worse_.size() != observations_)
      throw py::value_error(fmt::format("worse: {} directions for {} observations", worse_.size(), observations_));
    context_.worse = worse_;
    set_reference(reference);
  }
  BoundWatch(const BoundWatch&) = delete;
  BoundWatch& operator=(const BoundWatch&) = delete;

  std::pair<VerdictRows, py::array_t<double>> run(const WindowRows& windows, const SeriesList& series,
                                                  const Rule& rule) {
    check_kinds(series);
    Rows rows(windows, series, series_count(), compares_siblings_);
    Output out(rows.size(), observations_);
    {
      const py::gil_scoped_release unlocked;
      for (size_t i = 0; i < rows.size(); ++i) {
        const Window window = rows.at(i, interval_);
        const AlertRule asked = rule.at(window.width);
        const Watched seen = watch_.judge(window, context_, asked, rule.entity);
        VerdictRow row = row_of(window, seen.verdict);
        row.needed = seen.needs.surprise;
        row.is_limit = !is_same(seen.needs, asked.needs);
        row.is_anomalous = seen.decision.anomalous;
        row.is_firing = seen.is_firing;
        if (seen.verdict.judgement == Judgement::scored) row.score = anomaly_score(row.surprise, seen.needs);
        out.put(i, row, seen.verdict);
      }
    }
    return out.arrays();
  }

  /// Judges every window by what was learnt so far, and learns nothing.
  std::pair<VerdictRows, py::array_t<double>> score(const WindowRows& windows, const SeriesList& series,
                                                    const Rule& rule) const {
    check_kinds(series);
    Rows rows(windows, series, series_count(), compares_siblings_);
    Output out(rows.size(), observations_);
    {
      const py::gil_scoped_release unlocked;
      SamplingInterval interval = interval_;
      for (size_t i = 0; i < rows.size(); ++i) {
        const Window window = rows.at(i, interval);
        const Verdict verdict = watch_.detector().score(window, context_);
        const AlertNeeds asked = rule.at(window.width).needs;
        const AlertNeeds needs = watch_.detector().alert_needs(asked);
        VerdictRow row = row_of(window, verdict);
        row.needed = needs.surprise;
        row.is_limit = !is_same(needs, asked);
        if (verdict.judgement == Judgement::scored) row.score = anomaly_score(row.surprise, needs);
        out.put(i, row, verdict);
      }
    }
    return out.arrays();
  }

  void learn(const WindowRows& windows, const SeriesList& series, const Decision& decision) {
    check_kinds(series);
    Rows rows(windows, series, series_count(), compares_siblings_);
    const py::gil_scoped_release unlocked;
    for (size_t i = 0; i < rows.size(); ++i) watch_.detector().learn(rows.at(i, interval_), decision);
  }

  /// Categories that moved most clearly: (name, expected share, share).
  std::vector<std::tuple<std::string, double, double>> categories(const WindowRows& windows,
                                                                  const SeriesList& series) const {
    check_kinds(series);
    Rows rows(windows, series, series_count(), compares_siblings_);
    if (rows.size() != 1) throw py::value_error("one window at a time");
    SamplingInterval interval = interval_;
    std::vector<std::tuple<std::string, double, double>> out;
    for (const CategoryShift& shift : watch_.detector().score(rows.at(0, interval), context_).categories)
      out.emplace_back(shift.name, shift.expected, shift.share);
    return out;
  }

  bool is_warm() const { return watch_.detector().warm(); }
  bool is_firing() const { return watch_.lifecycle().is_firing(); }
  size_t memory_bytes() const { return watch_.detector().memory_bytes(); }

  py::bytes save() const {
    ByteWriter out;
    out.put(kVersion);
    watch_.save(out);
    interval_.save(out);
    return py::bytes(out.bytes());
  }
  void load(const py::bytes& state) {
    const std::string bytes(state);
    ByteReader in(bytes);
    if (const auto version = in.get<uint8_t>(); in.ok() && version != kVersion)
      raise({"unknown_version",
             fmt::format("{}: version {} of the saved state, this build reads {}", name_, version, kVersion)});
    require(watch_.load(in));
    if (!interval_.load(in) || !in.at_end())
      raise({"corrupt", fmt::format("{}: the saved state is cut off or damaged", name_)});
  }

 private:
  /// Filled without the interpreter's lock.
  class Output {
   public:
    Output(size_t rows, size_t observations)
        : verdicts_(static_cast<py::ssize_t>(rows)),
          parts_({static_cast<py::ssize_t>(rows), static_cast<py::ssize_t>(observations > 1 ? observations : 0)}),
          rows_(verdicts_.mutable_data()),
          bits_(parts_.mutable_data()),
          columns_(observations > 1 ? observations : 0) {
      std::fill(bits_, bits_ + rows * columns_, 0.0);
    }
    void put(size_t row, const VerdictRow& said, const Verdict& verdict) {
      rows_[row] = said;
      for (const Contribution& part : verdict.contributions) {  // a pair's are half of each
        add(row, part.observation, part.with ? part.bits / 2 : part.bits);
        if (part.with) add(row, *part.with, part.bits / 2);
      }
    }
    std::pair<VerdictRows, py::array_t<double>> arrays() { return {std::move(verdicts_), std::move(parts_)}; }

   private:
    void add(size_t row, size_t observation, double bits) {
      if (observation < columns_) bits_[row * columns_ + observation] += bits;
    }
    VerdictRows verdicts_;
    py::array_t<double> parts_;
    VerdictRow* rows_;
    double* bits_;
    size_t columns_;
  };

  static Watch make(const std::string& name, const DetectorSettings& settings, size_t observations) {
    if (observations == 0 || observations > kMostObservationsOfPython)
      throw py::value_error(fmt::format("observations: {} is not in [1, {}]", observations, kMostObservationsOfPython));
    require(check_observations(name, observations));
    return Watch(take(make_detector(name, settings, observations)));
  }
  void set_reference(const SeriesList& reference) {
    if (!reference.empty() && reference.size() != observations_)
      throw py::value_error(fmt::format("reference: {} series for {} observations", reference.size(), observations_));
    check_kinds(reference);
    reference_categories_.resize(reference.size());
    for (size_t i = 0; i < reference.size(); ++i) {
      if (reference[i]->size() != 1) throw py::value_error("reference: one window of each measure");
      reference_.push_back(reference[i]->at(0, reference_categories_[i]));
    }
    context_.reference = reference_;
  }
  /// What `run` is given: beside the series itself that of its siblings.
  size_t series_count() const { return observations_ + (compares_siblings_ ? 1 : 0); }
  void check_kinds(const SeriesList& series) const {
    for (const SeriesData* each : series)
      if (compares_siblings_ && each->kind() != MeasureKind::rate)
        raise({"bad_measures",
               fmt::format("{} compares rates here: of distributions the engine compares the single values of all "
                           "siblings, which a series of statistics does not have",
                           name_)});
    for (const SeriesData* each : series)
      if (const auto fits = check_kind(name_, each->kind()); !fits)
        raise({fits.error().code, "the series " + fits.error().message});
  }

  static constexpr size_t kMostObservationsOfPython = 1024;  ///< memory grows with the square

  std::string name_;
  size_t observations_;
  bool compares_siblings_;
  std::vector<Direction> worse_;
  std::vector<Observation> reference_;
  std::vector<CategoryCounts> reference_categories_;
  Context context_;
  Watch watch_;
  SamplingInterval interval_;
};

py::dict described(const DetectorInfo& info) {
  py::list kinds;
  for (const auto kind : {MeasureKind::rate, MeasureKind::distribution, MeasureKind::sum, MeasureKind::distinct,
                          MeasureKind::composition})
    if (check_kind(info.name, kind)) kinds.append(std::string(name_of(kind)));
  py::dict out;
  out["name"] = info.name;
  out["help"] = info.help;
  out["params"] = describe(info.params);
  out["kinds"] = kinds;
  out["is_multivariate"] = info.is_multivariate;
  out["compares_reference"] = info.compares_reference;
  out["compares_siblings"] = info.compares_siblings;
  return out;
}

}  // namespace

void bind_watch(py::module_& module) {
  PYBIND11_NUMPY_DTYPE(WindowRow, start, width, hour, weekday, holiday);
  PYBIND11_NUMPY_DTYPE(VerdictRow, start, width, value, expected, low, high, effect, effect_absolute, surprise, needed,
                       score, observation, since_windows, direction, judgement, is_anomalous, is_firing, is_limit);
  module.attr("WINDOW_DTYPE") = py::dtype::of<WindowRow>();
  module.attr("VERDICT_DTYPE") = py::dtype::of<VerdictRow>();
  module.def("describe_detectors", [] {
    py::list out;
    for (const DetectorInfo& info : describe_detectors()) out.append(described(info));
    return out;
  });
  py::class_<BoundWatch>(module, "Watch", "A detector with the lifecycle of its alert.")
      .def(py::init<const std::string&, const DetectorSettings&, size_t, const std::string&,
                    const std::vector<std::string>&, const SeriesList&>(),
           py::arg("name"), py::arg("settings"), py::arg("observations"), py::arg("direction"), py::arg("worse"),
           py::arg("reference"))
      .def("run", &BoundWatch::run, py::arg("windows"), py::arg("series"), py::arg("rule"))
      .def("score", &BoundWatch::score, py::arg("windows"), py::arg("series"), py::arg("rule"))
      .def(
          "learn",
          [](BoundWatch& self, const WindowRows& windows, const SeriesList& series, bool anomalous, double weight,
             bool confirmed_normal) {
            self.learn(windows, series, {anomalous, weight, confirmed_normal});
          },
          py::arg("windows"), py::arg("series"), py::arg("anomalous"), py::arg("weight"), py::arg("confirmed_normal"))
      .def("categories", &BoundWatch::categories, py::arg("windows"), py::arg("series"))
      .def_property_readonly("is_warm", &BoundWatch::is_warm)
      .def_property_readonly("is_firing", &BoundWatch::is_firing)
      .def_property_readonly("memory_bytes", &BoundWatch::memory_bytes)
      .def("save", &BoundWatch::save)
      .def("load", &BoundWatch::load, py::arg("state"));
}

}  // namespace tidewatch::python
