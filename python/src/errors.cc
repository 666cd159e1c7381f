#include "errors.h"

namespace tidewatch::python {

namespace py = pybind11;

void raise(const Error& error) {
  const bool is_of_state = error.code == "corrupt" || error.code == "unknown_version";
  const py::object type = py::module_::import("tidewatch._errors").attr(is_of_state ? "StateError" : "ParamError");
  const py::object raised = type(error.message, error.code);
  PyErr_SetObject(type.ptr(), raised.ptr());
  throw py::error_already_set();
}

}  // namespace tidewatch::python
