#pragma once

#include <pybind11/pybind11.h>

#include <vector>

#include "detectors/core/params.h"

namespace tidewatch::python {

/// A parameter table as a list of dicts.
inline pybind11::list describe(const std::vector<ParamInfo>& params) {
  pybind11::list out;
  for (const ParamInfo& param : params) {
    pybind11::dict row;
    row["name"] = param.name;
    row["type"] = param.type;
    row["default"] = param.default_value;
    row["low"] = param.allowed.low;
    row["high"] = param.allowed.high;
    row["help"] = param.help;
    row["unit"] = param.unit;
    out.append(row);
  }
  return out;
}

}  // namespace tidewatch::python
