#include "app/sinks/test_notice.h"

#include <chrono>

#include "stream/publish/timestamps.h"

namespace tidewatch {
namespace {

constexpr const char* kWhy = "This is a test of a sink by `tidewatch sinks test`: nothing is wrong.";
constexpr Duration kLasted = std::chrono::minutes(5);

v1::Alert test_alert(const std::string& id, bool is_firing, Timestamp now) {
  v1::Alert out;
  out.set_id(id);
  out.set_incident_id(id);
  out.set_state(is_firing ? "firing" : "resolved");
  out.set_transition(is_firing ? "fired" : "resolved");
  out.set_severity("ticket");
  out.set_kind("test");
  out.set_rule("tidewatch_test");
  out.set_measure("refusal_rate");
  (*out.mutable_labels())["service"] = "tidewatch-test";
  out.set_unit("share");
  out.set_value(0.12);
  out.set_expected(0.02);
  out.set_why(kWhy);
  *out.mutable_starts_at() = to_proto(now - kLasted);
  *out.mutable_observed_at() = to_proto(now);
  if (!is_firing) *out.mutable_ends_at() = to_proto(now);
  return out;
}

v1::Incident test_incident(const std::string& id, bool is_firing, Timestamp now) {
  v1::Incident out;
  out.set_id(id);
  out.set_state(is_firing ? "open" : "resolved");
  out.set_transition(is_firing ? "opened" : "resolved");
  out.set_severity("ticket");
  (*out.mutable_labels())["service"] = "tidewatch-test";
  out.set_title("service=tidewatch-test: refusal_rate");
  out.set_why(kWhy);
  out.set_lead(id);
  out.add_alerts(id);
  out.set_open_alerts(is_firing ? 1 : 0);
  *out.mutable_starts_at() = to_proto(now - kLasted);
  *out.mutable_at() = to_proto(now);
  if (!is_firing) *out.mutable_ends_at() = to_proto(now);
  return out;
}

}  // namespace

v1::Notice test_notice(Subject subject, const std::string& id, bool is_firing, Timestamp now) {
  v1::Notice out;
  if (subject == Subject::alerts)
    *out.mutable_alert() = test_alert(id, is_firing, now);
  else
    *out.mutable_incident() = test_incident(id, is_firing, now);
  return out;
}

}  // namespace tidewatch
