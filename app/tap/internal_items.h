#pragma once

#include "app/tap/item.h"
#include "detectors/core/result.h"
#include "stream/runtime/record.h"

namespace tidewatch::tap {

/// A record of an internal topic as its message's JSON; aggregates as the numbers that detectors see, other stored
/// state as its size. Errors: `bad_event`; of streams whose records have no schema yet too.
Result<Item> internal_item(const Record& record);

}  // namespace tidewatch::tap
