#include "stream/publish/cloud_events.h"

#include "stream/publish/encoder.h"
#include "stream/publish/timestamps.h"

namespace tidewatch {

std::vector<Header> cloud_event_headers(const CloudEvent& event, WireFormat format) {
  std::vector<Header> headers{{"ce_specversion", "1.0"},        {"ce_id", event.id},
                              {"ce_source", event.source},      {"ce_type", event.type},
                              {"ce_time", rfc3339(event.time)}, {"content-type", content_type(format)}};
  if (!event.subject.empty()) headers.push_back({"ce_subject", event.subject});
  return headers;
}

}  // namespace tidewatch
