#pragma once

#include <vector>

#include "app/tap/item.h"
#include "detectors/core/result.h"
#include "stream/runtime/record.h"

namespace tidewatch::tap {

/// A record of a public output topic (quality scores, alerts, rollouts, changes, reviews, dead letters), JSON or
/// protobuf by its content-type header, else by its first byte. The refused bytes of a dead letter are left out: they
/// may hold what people wrote. Errors: `bad_event`; of other streams too.
Result<Item> output_item(const Record& record);

}  // namespace tidewatch::tap
