#include "stream/alert/published.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "stream/publish/cloud_events.h"
#include "stream/publish/encoder.h"
#include "stream/publish/timestamps.h"

namespace tidewatch {
namespace {

std::vector<Header> headers_of(const char* what, const std::string& id, const std::string& transition, Timestamp at,
                               WireFormat format) {
  CloudEvent event;
  event.type = fmt::format("tidewatch.{}.{}", what, transition);
  event.source = "/tidewatch/alert";
  event.id = event_id(id, transition, at);
  event.subject = id;
  event.time = at;
  return cloud_event_headers(event, format);
}

}  // namespace

std::string event_id(const std::string& id, const std::string& transition, Timestamp at) {
  return fmt::format("{}/{}/{}", id, transition, at.time_since_epoch().count());
}

void publish_alert(const v1::Alert& alert, WireFormat format, Effects& out) {
  const std::string value = encode(alert, format);
  const auto headers = headers_of("alert", alert.id(), alert.transition(), from_proto(alert.observed_at()), format);
  out.emit(Stream::alerts, alert.id(), value, headers);
  out.emit(Stream::alerts_state, alert.id(), value, headers);
  out.count("alert_transitions", alert.transition());
}

void publish_incident(const v1::Incident& incident, WireFormat format, Effects& out) {
  out.emit(Stream::incidents, incident.id(), encode(incident, format),
           headers_of("incident", incident.id(), incident.transition(), from_proto(incident.at()), format));
  out.count("incident_transitions", incident.transition());
}

}  // namespace tidewatch
