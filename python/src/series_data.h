#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <string>
#include <vector>

#include "detectors/core/verdict.h"
#include "detectors/core/window.h"
#include "detectors/sketch/category_counts.h"
#include "rows.h"

namespace tidewatch::python {

namespace py = pybind11;

/// One measure over windows, in arrays of numpy's. Read without the interpreter's lock: what it points to is kept alive
/// by the object and is not ours to change.
class SeriesData {
 public:
  using Rows = py::array_t<ObservationRow, py::array::c_style>;
  using Counts = py::array_t<double, py::array::c_style | py::array::forcecast>;

  SeriesData(const std::string& kind, Rows rows, Domain domain);
  /// A composition: counts by window and category.
  SeriesData(std::vector<std::string> names, Counts counts);

  MeasureKind kind() const { return kind_; }
  const Domain& domain() const { return domain_; }
  size_t size() const { return size_; }
  /// `categories` holds what a composition counts while the observation is in use.
  Observation at(size_t row, CategoryCounts& categories) const;

 private:
  MeasureKind kind_;
  Domain domain_;
  size_t size_ = 0;
  Rows rows_;
  const ObservationRow* first_row_ = nullptr;
  std::vector<std::string> names_;
  Counts counts_;
  const double* first_count_ = nullptr;
};

MeasureKind kind_named(const std::string& name);  ///< raises ParamError
Direction direction_named(const std::string& name);

void bind_series(py::module_& module);

}  // namespace tidewatch::python
