#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "describe.h"
#include "detectors/detect/predictive.h"
#include "detectors/detect/series.h"
#include "errors.h"
#include "series_data.h"
#include "watch_binding.h"

namespace tidewatch::python {
namespace {

using WindowRows = py::array_t<WindowRow, py::array::c_style>;
using ExpectationRows = py::array_t<ExpectationRow>;
using Flags = py::array_t<bool, py::array::c_style | py::array::forcecast>;

SeasonSlot slot_of(const WindowRow& row) { return {row.hour, row.weekday, row.holiday != 0}; }

/// A baseline with its parameters, learnt with the bounded influence that detectors give to extreme windows.
class BoundBaseline {
 public:
  explicit BoundBaseline(const std::vector<std::pair<std::string, std::string>>& settings) {
    for (const auto& [name, value] : settings) require(set_param(params_, name, value));
  }

  /// What is normal in these windows; with `forecasts`, what will be seen in them.
  ExpectationRows predict(const WindowRows& windows, const SeriesData& size_of, bool forecasts) const {
    check(windows, size_of);
    ExpectationRows out(windows.size());
    ExpectationRow* target = out.mutable_data();
    const WindowRow* rows = windows.data();
    for (py::ssize_t i = 0; forecasts && last_start_ && i < windows.size(); ++i)
      if (rows[i].start <= *last_start_)
        throw py::value_error(fmt::format("window {} is not after the last one learnt: nothing to forecast", i));
    const py::gil_scoped_release unlocked;
    CategoryCounts categories;
    for (size_t i = 0; i < size_of.size(); ++i) target[i] = expect(size_of.at(i, categories), rows[i], forecasts);
    return out;
  }

  /// Each window is predicted from those before it, then learnt.
  ExpectationRows run(const WindowRows& windows, const SeriesData& series, const Flags& anomalous, bool forecasts) {
    check(windows, series);
    if (anomalous.size() != 0 && static_cast<size_t>(anomalous.size()) != series.size())
      throw py::value_error("anomalous: one flag a window");
    ExpectationRows out(windows.size());
    ExpectationRow* target = out.mutable_data();
    const WindowRow* rows = windows.data();
    const bool* flags = anomalous.size() == 0 ? nullptr : anomalous.data();
    const py::gil_scoped_release unlocked;
    CategoryCounts categories;
    for (size_t i = 0; i < series.size(); ++i) {
      const Observation seen = series.at(i, categories);
      const WindowRow& row = rows[i];
      if (is_usable(seen)) size_ = seen;
      target[i] = expect(seen, row, forecasts);
      Window window;
      window.start = Timestamp(Duration(row.start));
      window.width = Duration(row.width);
      window.season = slot_of(row);
      Decision decision;
      decision.anomalous = flags != nullptr && flags[i];
      series_.learn(params_, seen, window, decision);
      last_start_ = row.start;
    }
    return out;
  }

  double windows() const { return series_.baseline().windows(); }
  bool is_warm() const { return series_.warm(params_); }
  size_t memory_bytes() const { return series_.memory_bytes(); }
  py::bytes save() const {
    ByteWriter out;
    out.put(kVersion);
    series_.save(out);
    out.put(static_cast<uint8_t>(size_.kind));
    for (const double value : {size_.value, size_.variance, size_.n, size_.successes, size_.trials, size_.events,
                               size_.domain.low, size_.domain.high})
      out.put(value);
    out.put(last_start_.value_or(kNothingLearnt));
    return py::bytes(out.bytes());
  }
  void load(const py::bytes& state) {
    const std::string bytes(state);
    ByteReader in(bytes);
    if (const auto version = in.get<uint8_t>(); in.ok() && version != kVersion)
      raise({"unknown_version",
             fmt::format("baseline: version {} of the saved state, this build reads {}", version, kVersion)});
    Series loaded;
    require(loaded.load(in));
    Observation size;
    const auto kind = in.get<uint8_t>();
    for (double* value : {&size.value, &size.variance, &size.n, &size.successes, &size.trials, &size.events,
                          &size.domain.low, &size.domain.high})
      *value = in.get<double>();
    const auto last_start = in.get<int64_t>();
    if (!in.ok() || !in.at_end() || kind > static_cast<uint8_t>(MeasureKind::composition))
      raise({"corrupt", "baseline: the saved state is cut off or damaged"});
    size.kind = static_cast<MeasureKind>(kind);
    series_ = std::move(loaded);
    size_ = size;
    last_start_ = last_start == kNothingLearnt ? std::nullopt : std::optional(last_start);
  }

 private:
  static void check(const WindowRows& windows, const SeriesData& series) {
    if (windows.ndim() != 1 || static_cast<size_t>(windows.size()) != series.size())
      throw py::value_error(fmt::format("{} timestamps and a series of {}", windows.size(), series.size()));
    if (series.kind() == MeasureKind::composition)
      raise({"bad_measures", "the series is a composition: a baseline expects one number"});
    for (py::ssize_t i = 0; i < windows.size(); ++i)
      if (windows.data()[i].width <= 0) throw py::value_error("windows need a width");
  }
  /// `window`: forecasts of it know those before it, the last one learnt being so many windows away.
  Prediction outlook(const Observation& size_of, const WindowRow& window, bool forecasts) const {
    if (!forecasts || !last_start_) return series_.predict(params_, size_of, slot_of(window));
    const double ahead = static_cast<double>(window.start - *last_start_) / static_cast<double>(window.width);
    return series_.baseline().forecast(params_, size_of, slot_of(window), std::max(ahead, 1.0));
  }
  ExpectationRow expect(const Observation& size_of, const WindowRow& window, bool forecasts) const {
    const double nothing = std::nan("");
    ExpectationRow out{nothing, nothing, nothing, nothing, nothing, nothing, false};
    const Observation& size = is_usable(size_of) ? size_of : size_;
    if (!is_usable(size)) return out;
    const Prediction prediction = outlook(size, window, forecasts);
    if (!prediction.known) return out;
    const Interval interval = predictive_interval(prediction, size);
    const Domain domain = domain_of(size);
    return {domain.nearest(prediction.expected),
            domain.nearest(interval.low),
            domain.nearest(interval.high),
            prediction.sampling_variance,
            prediction.level_variance,
            prediction.process_variance,
            true};
  }

  static constexpr uint8_t kVersion = 2;  // 2: the last window learnt
  static constexpr int64_t kNothingLearnt = std::numeric_limits<int64_t>::min();

  BaselineParams params_;
  Series series_;
  Observation size_;                   ///< of the last window with data: what is expected of one without
  std::optional<int64_t> last_start_;  ///< of the last window learnt, with data or not
};

}  // namespace

void bind_baseline(py::module_& module) {
  PYBIND11_NUMPY_DTYPE(ExpectationRow, expected, low, high, sampling_variance, level_variance, process_variance,
                       is_known);
  module.attr("EXPECTATION_DTYPE") = py::dtype::of<ExpectationRow>();
  module.def("describe_baseline", [] { return describe(describe_params<BaselineParams>()); });
  py::class_<BoundBaseline>(module, "BaselineState", "What is expected of a series: level, season, natural variation.")
      .def(py::init<const std::vector<std::pair<std::string, std::string>>&>(), py::arg("settings"))
      .def("predict", &BoundBaseline::predict, py::arg("windows"), py::arg("size_of"), py::arg("forecasts"))
      .def("run", &BoundBaseline::run, py::arg("windows"), py::arg("series"), py::arg("anomalous"),
           py::arg("forecasts"))
      .def_property_readonly("windows", &BoundBaseline::windows)
      .def_property_readonly("is_warm", &BoundBaseline::is_warm)
      .def_property_readonly("memory_bytes", &BoundBaseline::memory_bytes)
      .def("save", &BoundBaseline::save)
      .def("load", &BoundBaseline::load, py::arg("state"));
}

}  // namespace tidewatch::python
