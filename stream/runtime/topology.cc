#include "stream/runtime/topology.h"

#include <fmt/format.h>

#include <algorithm>

namespace tidewatch {

const Downstream* StageSpec::downstream_to(Stream stream) const {
  const auto found =
      std::find_if(downstream.begin(), downstream.end(), [&](const Downstream& to) { return to.stream == stream; });
  return found == downstream.end() ? nullptr : &*found;
}

std::string StageSpec::state_prefix(Stream input) const {
  return inputs.size() == 1 ? name + "/" : fmt::format("{}/{}/", name, name_of(input));
}

}  // namespace tidewatch
