#pragma once

#include <string>

#include "stream/notify/notice.h"

namespace tidewatch {

/// A change that says itself that it is a test: of an alert or incident of this id that fires, or is over.
v1::Notice test_notice(Subject subject, const std::string& id, bool is_firing, Timestamp now);

}  // namespace tidewatch
