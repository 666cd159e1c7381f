#pragma once

#include "stream/outbound/surroundings.h"

namespace tidewatch {

/// The clocks of this machine, and chance.
Surroundings real_surroundings();

}  // namespace tidewatch
