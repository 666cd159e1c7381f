#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <string>
#include <utility>

#include "detectors/sketch/serialized.h"
#include "detectors/sketch/weight.h"
#include "errors.h"

namespace tidewatch::python {

namespace py = pybind11;

using Doubles = py::array_t<double, py::array::c_style | py::array::forcecast>;

/// Calls add(index, weight) for each of `count` values: weight 1, or the one given, or one for all.
template <typename Add>
void each_weighted(size_t count, const std::optional<Doubles>& weights, Add add) {
  if (!weights) {
    for (size_t i = 0; i < count; ++i) add(i, 1.0);
    return;
  }
  const bool is_one_for_all = weights->size() == 1 && weights->ndim() == 0;
  if (!is_one_for_all && static_cast<size_t>(weights->size()) != count)
    throw py::value_error(fmt::format("{} weights for {} values", weights->size(), count));
  const double* given = weights->data();
  for (size_t i = 0; i < count; ++i) add(i, given[is_one_for_all ? 0 : i]);
}

/// Bytes, pickling, copying, comparing: the same for all sketches.
template <typename Sketch>
void bind_state(py::class_<Sketch>& bound, std::string (*write)(const Sketch&),
                Result<Sketch> (*read)(std::string_view)) {
  const auto save = [write](const Sketch& sketch) { return py::bytes(write(sketch)); };
  const auto load = [read](const py::bytes& bytes) { return take(read(std::string_view(bytes))); };
  bound.def("to_bytes", save, "The serialised form, the same as the engine's: versioned, without the type's name.")
      .def_static("from_bytes", load, py::arg("data"),
                  "What `to_bytes` wrote.\n\nRaises\n------\nStateError\n    When it is damaged or of another version.")
      .def(
          "__eq__",
          [write](const Sketch& a, const py::object& b) {
            return py::isinstance<Sketch>(b) && write(a) == write(b.cast<const Sketch&>());
          },
          py::arg("other"))
      .def("__copy__", [](const Sketch& sketch) { return Sketch(sketch); })
      .def(
          "__deepcopy__", [](const Sketch& sketch, const py::dict&) { return Sketch(sketch); }, py::arg("memo"))
      .def(py::pickle(save, load))
      .def_property_readonly("memory_bytes", [](const Sketch& sketch) {
        if constexpr (requires { sketch.memory_bytes(); })
          return sketch.memory_bytes();
        else
          return sizeof(Sketch);
      });
  bound.attr("__hash__") = py::none();  // they change
}

template <typename Sketch>
void bind_state(py::class_<Sketch>& bound) {
  bind_state<Sketch>(bound, &to_bytes<Sketch>, &from_bytes<Sketch>);
}

}  // namespace tidewatch::python
