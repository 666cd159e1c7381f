#pragma once

#include "app/config/config.h"

namespace tidewatch {

/// Sets the process's logger: one line per event on the error output, as text or JSON, UTC times. No text of users or
/// models is ever logged. What libprotobuf would print by itself is logged too: the 1st, 2nd, 4th, 8th … time that it
/// says the same.
void set_up_logging(const LogOptions& options);

}  // namespace tidewatch
