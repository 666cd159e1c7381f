#pragma once

#include <string>
#include <vector>

#include "detectors/core/result.h"
#include "stream/window/entity.h"

namespace tidewatch {

/// Sets what `--label NAME=VALUE` said. Error: `usage` naming the one that is none.
Status label_arguments(const std::vector<std::string>& arguments, Labels& into);

}  // namespace tidewatch
