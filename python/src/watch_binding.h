#pragma once

#include <pybind11/pybind11.h>

namespace tidewatch::python {

void bind_watch(pybind11::module_& module);
void bind_rule(pybind11::module_& module);
void bind_baseline(pybind11::module_& module);
void bind_sketches(pybind11::module_& module);
void bind_aggregate(pybind11::module_& module);

}  // namespace tidewatch::python
