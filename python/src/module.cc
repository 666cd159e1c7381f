// The compiled part of the Python package `tidewatch`: detectors/ as numpy sees it. What people call is in
// python/tidewatch/*.py; what is here checks what would end the process (TW_CHECK) and raises instead.
#include <pybind11/pybind11.h>

#include "series_data.h"
#include "watch_binding.h"

PYBIND11_MODULE(_core, module) {
  module.doc() = "The compiled part of tidewatch; see the package.";
  module.attr("VERSION") = TIDEWATCH_VERSION;
  tidewatch::python::bind_series(module);
  tidewatch::python::bind_rule(module);
  tidewatch::python::bind_watch(module);
  tidewatch::python::bind_baseline(module);
  tidewatch::python::bind_sketches(module);
  tidewatch::python::bind_aggregate(module);
}
