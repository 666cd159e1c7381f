#include "series_data.h"

#include <fmt/format.h>
#include <pybind11/stl.h>

#include <cmath>
#include <utility>

#include "detectors/detect/predictive.h"
#include "detectors/watch/plain_value.h"
#include "errors.h"

namespace tidewatch::python {
namespace {

/// Adds up what `describe` says of each, as "a, b or c".
Error not_one_of(std::string_view what, std::string_view given, const std::vector<std::string_view>& names) {
  const auto near = nearest_name(given, names);
  return {"bad_value", near.empty() ? fmt::format("{}: \"{}\" is none of {}", what, given, fmt::join(names, ", "))
                                    : fmt::format("{}: \"{}\" is unknown; did you mean \"{}\"?", what, given, near)};
}

py::array_t<ObservationRow> plain_rows(const std::string& kind,
                                       const py::array_t<double, py::array::forcecast>& values) {
  const MeasureKind known = kind_named(kind);
  py::array_t<ObservationRow> out(values.size());
  auto rows = out.mutable_unchecked<1>();
  const auto in = values.unchecked<1>();
  for (py::ssize_t i = 0; i < in.shape(0); ++i) {
    const Observation seen = plain_value(known, in(i));
    rows(i) = {in(i), seen.variance, seen.n, seen.successes, seen.trials, seen.events};
  }
  return out;
}

py::array_t<double> intervals(const SeriesData& series) {
  py::array_t<double> out({static_cast<py::ssize_t>(series.size()), py::ssize_t{2}});
  auto rows = out.mutable_unchecked<2>();
  CategoryCounts categories;
  for (size_t i = 0; i < series.size(); ++i) {
    const Observation seen = series.at(i, categories);
    const Interval interval = seen.missing() || seen.kind == MeasureKind::composition
                                  ? Interval{std::nan(""), std::nan("")}
                                  : confidence_interval(seen);
    rows(static_cast<py::ssize_t>(i), 0) = interval.low;
    rows(static_cast<py::ssize_t>(i), 1) = interval.high;
  }
  return out;
}

}  // namespace

MeasureKind kind_named(const std::string& name) {
  if (const auto kind = measure_kind(name)) return *kind;
  raise(not_one_of("kind", name, {"rate", "distribution", "sum", "distinct", "composition"}));
}

Direction direction_named(const std::string& name) {
  if (name == "either") return Direction::either;
  if (name == "up") return Direction::up;
  if (name == "down") return Direction::down;
  raise(not_one_of("direction", name, {"either", "up", "down"}));
}

SeriesData::SeriesData(const std::string& kind, Rows rows, Domain domain)
    : kind_(kind_named(kind)), domain_(domain), rows_(std::move(rows)) {
  if (rows_.ndim() != 1) throw py::value_error("a series has one dimension");
  if (!(domain_.low <= domain_.high)) throw py::value_error("a domain needs low <= high");
  size_ = static_cast<size_t>(rows_.shape(0));
  first_row_ = rows_.data();
}

SeriesData::SeriesData(std::vector<std::string> names, Counts counts)
    : kind_(MeasureKind::composition), names_(std::move(names)), counts_(std::move(counts)) {
  if (counts_.ndim() != 2 || static_cast<size_t>(counts_.shape(1)) != names_.size())
    throw py::value_error("counts of a composition are an array of windows x categories");
  size_ = static_cast<size_t>(counts_.shape(0));
  first_count_ = counts_.data();
}

Observation SeriesData::at(size_t row, CategoryCounts& categories) const {
  Observation out;
  out.kind = kind_;
  out.domain = domain_;
  if (kind_ == MeasureKind::composition) {
    categories = {};
    for (size_t i = 0; i < names_.size(); ++i)
      if (const double count = first_count_[row * names_.size() + i]; count > 0) categories.add(names_[i], count);
    out.value = static_cast<double>(categories.entries().size());
    out.n = categories.total();
    out.categories = &categories;
    return out;
  }
  const ObservationRow& seen = first_row_[row];
  out.value = seen.value;
  out.variance = seen.variance;
  out.n = seen.n;
  out.successes = seen.successes;
  out.trials = seen.trials;
  out.events = seen.events;
  return out;
}

void bind_series(py::module_& module) {
  PYBIND11_NUMPY_DTYPE(ObservationRow, value, variance, n, successes, trials, events);
  module.attr("OBSERVATION_DTYPE") = py::dtype::of<ObservationRow>();
  py::class_<SeriesData>(module, "SeriesData", "One measure over windows, as the detectors read it.")
      .def(py::init([](const std::string& kind, SeriesData::Rows rows, double low, double high) {
             return SeriesData(kind, std::move(rows), Domain{low, high});
           }),
           py::arg("kind"), py::arg("rows"), py::arg("low"), py::arg("high"))
      .def(py::init<std::vector<std::string>, SeriesData::Counts>(), py::arg("names"), py::arg("counts"))
      .def("__len__", &SeriesData::size)
      .def("intervals", &intervals,
           "Central 95 % of the true value given each window alone: an array of low and high.");
  module.def("plain_rows", &plain_rows, py::arg("kind"), py::arg("values"),
             "Numbers of which nothing is known but their kind, as `tidewatch detect` reads them.");
}

}  // namespace tidewatch::python
