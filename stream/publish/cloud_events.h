#pragma once

#include <string>
#include <vector>

#include "detectors/core/time.h"
#include "stream/publish/wire_format.h"
#include "stream/runtime/record.h"

namespace tidewatch {

/// Context attributes of a CloudEvent (specification 1.0.2).
struct CloudEvent {
  std::string type;     ///< "tidewatch.alert.fired"; required
  std::string source;   ///< URI reference of who says it: "/tidewatch/detect"; required
  std::string id;       ///< unique within `source`, the same when the same event is sent again; required
  std::string subject;  ///< what it is about, e.g. the alert's id; empty: left out
  Timestamp time{};     ///< when it happened (event time)
};

/// Headers of a record in binary mode of CloudEvents' Kafka protocol binding 1.0.2: `ce_specversion`, `ce_id`,
/// `ce_source`, `ce_type`, `ce_subject`, `ce_time` (RFC 3339, UTC) and `content-type`; the record's value is the data.
std::vector<Header> cloud_event_headers(const CloudEvent& event, WireFormat format);

}  // namespace tidewatch
