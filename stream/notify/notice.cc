#include "stream/notify/notice.h"

#include "stream/alert/published.h"
#include "stream/publish/timestamps.h"

namespace tidewatch {
namespace {

/// What matchers compare, of an incident.
v1::Alert as_alert(const v1::Incident& incident) {
  v1::Alert out;
  *out.mutable_labels() = incident.labels();
  out.set_severity(incident.severity());
  out.set_incident_id(incident.id());
  if (incident.has_cause()) *out.mutable_cause() = incident.cause();
  return out;
}

}  // namespace

Subject subject_of(const v1::Notice& notice) { return notice.has_alert() ? Subject::alerts : Subject::incidents; }

const std::string& id_of(const v1::Notice& notice) {
  return notice.has_alert() ? notice.alert().id() : notice.incident().id();
}

const std::string& transition_of(const v1::Notice& notice) {
  return notice.has_alert() ? notice.alert().transition() : notice.incident().transition();
}

const std::string& severity_of(const v1::Notice& notice) {
  return notice.has_alert() ? notice.alert().severity() : notice.incident().severity();
}

Timestamp time_of(const v1::Notice& notice) {
  return from_proto(notice.has_alert() ? notice.alert().observed_at() : notice.incident().at());
}

bool is_firing(const v1::Notice& notice) {
  return notice.has_alert() ? notice.alert().state() == "firing" : notice.incident().state() == "open";
}

bool is_suppressed(const v1::Notice& notice) {
  return notice.has_alert() ? !notice.alert().suppressed_by().empty() : !notice.incident().suppressed_by().empty();
}

std::string key_of(const v1::Notice& notice) { return event_id(id_of(notice), transition_of(notice), time_of(notice)); }

bool fit(const std::vector<LabelMatcher>& matchers, const v1::Notice& notice) {
  return matchers.empty() || fit(matchers, notice.has_alert() ? notice.alert() : as_alert(notice.incident()));
}

}  // namespace tidewatch
