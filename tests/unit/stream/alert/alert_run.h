#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "stream/alert/alerting.h"
#include "stream/publish/timestamps.h"
#include "stream/runtime/output_batch.h"
#include "tidewatch/v1/incident.pb.h"
#include "tidewatch/v1/raised.pb.h"

namespace tidewatch {

inline Timestamp minute(double minutes) {
  return Timestamp(std::chrono::hours(24 * 365 * 56)) +
         std::chrono::duration_cast<Duration>(std::chrono::duration<double, std::ratio<60>>(minutes));
}

/// An alert as detect raises it, at a minute.
inline v1::Alert raised(const std::string& id, const std::string& transition, double at,
                        const std::string& endpoint = "", const std::string& severity = "ticket") {
  v1::Alert out;
  out.set_id(id);
  out.set_state(transition == "resolved" ? "resolved" : "firing");
  out.set_transition(transition);
  out.set_severity(severity);
  out.set_kind("point");
  out.set_rule("refusals");
  out.set_measure("refusal_rate");
  (*out.mutable_labels())["service"] = "shop";
  if (!endpoint.empty()) (*out.mutable_labels())["endpoint"] = endpoint;
  *out.mutable_starts_at() = to_proto(minute(transition == "fired" ? at - 5 : 0));
  *out.mutable_observed_at() = to_proto(minute(at));
  out.set_surprise(20);
  out.set_why("refusal_rate is high.");
  return out;
}

/// Drives the stage as a task does, and reads what it published.
class AlertRun {
 public:
  explicit AlertRun(const AlertOptions& options = AlertOptions()) : options_(options) {
    options_.format = WireFormat::protobuf;
    stage_ = std::make_unique<Alerting>(options_);
  }

  void raise(const v1::Alert& alert) {
    v1::Raised value;
    *value.mutable_alert() = alert;
    feed(value.SerializeAsString());
  }
  /// In one go: at its time.
  void happens(const v1::Alert& alert) {
    raise(alert);
    stage_->on_watermark(from_proto(alert.observed_at()), out_);
  }
  void command(v1::Command command, double at, const std::string& id) {
    command.set_id(id);
    command.set_by("ada");
    command.set_comment("mine");
    *command.mutable_at() = to_proto(minute(at));
    v1::Raised value;
    *value.mutable_command() = std::move(command);
    feed(value.SerializeAsString());
  }
  void feed(const std::string& value) {
    Record record;
    record.stream = Stream::raised;
    record.topic = "tidewatch.raised";
    record.offset = next_offset_++;
    record.value = value;
    stage_->on_record(record, out_);
  }
  void watermark(double minutes) { stage_->on_watermark(minute(minutes), out_); }

  std::vector<v1::Alert> alerts() const { return all<v1::Alert>(Stream::alerts); }
  std::vector<v1::Incident> incidents() const { return all<v1::Incident>(Stream::incidents); }
  /// "a fired", ...
  std::vector<std::string> told() const {
    std::vector<std::string> out;
    for (const auto& alert : alerts()) out.push_back(alert.id() + " " + alert.transition());
    return out;
  }
  std::vector<std::string> incident_transitions() const {
    std::vector<std::string> out;
    for (const auto& incident : incidents()) out.push_back(incident.transition());
    return out;
  }
  uint64_t count(std::string_view name, std::string_view label = "") const {
    const auto found = out_.counts().find({std::string(name), std::string(label)});
    return found == out_.counts().end() ? 0 : found->second;
  }
  size_t dead_letters() const {
    size_t n = 0;
    for (const Output& output : out_.outputs()) n += output.stream == Stream::dead_letter ? 1 : 0;
    return n;
  }
  std::map<std::string, std::string> state() const {
    std::map<std::string, std::string> out;
    for (const Output& output : out_.outputs()) {
      if (output.stream != Stream::state) continue;
      if (output.value.empty())
        out.erase(output.key);
      else
        out[output.key] = output.value;
    }
    return out;
  }
  void restore(const std::map<std::string, std::string>& state, double watermark_minutes) {
    for (const auto& [key, value] : state) {
      const auto restored = stage_->restore(key, value);
      EXPECT_TRUE(restored.ok()) << restored.error().message;
    }
    stage_->resume(minute(watermark_minutes));
  }
  Alerting& stage() { return *stage_; }

 private:
  template <typename Message>
  std::vector<Message> all(Stream stream) const {
    std::vector<Message> out;
    for (const Output& output : out_.outputs()) {
      if (output.stream != stream) continue;
      EXPECT_TRUE(out.emplace_back().ParseFromString(output.value));
    }
    return out;
  }

  AlertOptions options_;
  std::unique_ptr<Alerting> stage_;
  OutputBatch out_{"alert"};
  int64_t next_offset_ = 0;
};

inline v1::Command acknowledge(const std::string& alert, const std::string& incident = "") {
  v1::Command out;
  out.mutable_acknowledge()->set_alert_id(alert);
  out.mutable_acknowledge()->set_incident_id(incident);
  return out;
}
inline v1::Command unacknowledge(const std::string& alert) {
  v1::Command out;
  out.mutable_unacknowledge()->set_alert_id(alert);
  return out;
}
inline v1::Command silence(const std::string& name, const std::string& value, double from, double until) {
  v1::Command out;
  auto* matcher = out.mutable_silence()->add_matchers();
  matcher->set_name(name);
  matcher->set_value(value);
  *out.mutable_silence()->mutable_from() = to_proto(minute(from));
  *out.mutable_silence()->mutable_until() = to_proto(minute(until));
  return out;
}
inline v1::Command expire(const std::string& silence) {
  v1::Command out;
  out.mutable_expire_silence()->set_silence_id(silence);
  return out;
}

}  // namespace tidewatch
