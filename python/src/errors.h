#pragma once

#include <pybind11/pybind11.h>

#include <utility>

#include "detectors/core/result.h"

namespace tidewatch::python {

/// Raises tidewatch.ParamError or tidewatch.StateError, by the error's code.
[[noreturn]] void raise(const Error& error);

/// The value, or an exception.
template <typename T>
T take(Result<T> result) {
  if (!result) raise(result.error());
  return std::move(result).value();
}
inline void require(const Status& status) {
  if (!status) raise(status.error());
}

}  // namespace tidewatch::python
