// What Alerting does that people command.
#include <algorithm>
#include <utility>

#include "stream/alert/alerting.h"
#include "stream/alert/state_keys.h"
#include "stream/publish/encoder.h"
#include "stream/publish/timestamps.h"

namespace tidewatch {
namespace {

std::string_view kind_of(const v1::Command& command) {
  switch (command.command_case()) {
    case v1::Command::kAcknowledge:
      return "acknowledge";
    case v1::Command::kUnacknowledge:
      return "unacknowledge";
    case v1::Command::kSilence:
      return "silence";
    case v1::Command::kExpireSilence:
      return "expire_silence";
    case v1::Command::kMark:
      return "mark";
    case v1::Command::kExpect:
      return "expect";
    case v1::Command::kUnexpect:
      return "unexpect";
    case v1::Command::kRollout:
      return "rollout";
    case v1::Command::COMMAND_NOT_SET:
      break;
  }
  return "none";
}

}  // namespace

void Alerting::obey(const Record& record, const v1::Command& command, Effects& out) {
  if (commands_.contains(command.id())) return out.count("repeated_commands");
  // Event time lags behind people: what they command holds at once, and never before what time has brought already.
  const Timestamp at = std::max(from_proto(command.at()), now_);
  bool has_target = true;
  if (const auto acted = act(command, at, has_target, out); !acted) {
    out.count("bad_commands", acted.error().code);
    return out.dead_letter(record, acted.error(), record.value);
  }
  commands_[command.id()] = at;
  out.emit(Stream::state, key_of(kCommandKey, command.id()), encode(to_proto(at), WireFormat::protobuf));
  out.count("commands", kind_of(command));
  if (!has_target) out.count("commands_without_target", kind_of(command));
  settle(at, out);
}

Status Alerting::act(const v1::Command& command, Timestamp at, bool& has_target, Effects& out) {
  switch (command.command_case()) {
    case v1::Command::kAcknowledge:
      acknowledge(command, at, has_target);
      return ok_status();
    case v1::Command::kUnacknowledge:
      unacknowledge(command, at, has_target);
      return ok_status();
    case v1::Command::kSilence:
      return silence(command, at);
    case v1::Command::kExpireSilence:
      has_target = silences_.expire(command.expire_silence().silence_id(), now_);
      if (has_target) changed_silences_.insert(command.expire_silence().silence_id());
      return ok_status();
    case v1::Command::kMark:
      mark(command, at, has_target, out);
      return ok_status();
    case v1::Command::kExpect: {
      v1::ExpectedState state = expected_state(command);
      const std::string id = state.event().id();
      if (auto put = expected_.put(std::move(state)); !put) return put;
      changed_events_.insert(id);
      return ok_status();
    }
    case v1::Command::kUnexpect:
      has_target = expected_.end(command.unexpect().event_id(), from_proto(command.at()));
      if (has_target) changed_events_.insert(command.unexpect().event_id());
      return ok_status();
    case v1::Command::kRollout:  // detect obeys it
      return ok_status();
    case v1::Command::COMMAND_NOT_SET:
      break;
  }
  return Error{"bad_command", "the command says nothing that this version knows"};
}

Status Alerting::silence(const v1::Command& command, Timestamp at) {
  v1::SilenceState state;
  *state.mutable_silence() = command.silence();
  if (command.silence().id().empty()) state.mutable_silence()->set_id(command.id());
  if (!command.silence().has_from() || from_proto(command.silence().from()) <= at)
    *state.mutable_silence()->mutable_from() = to_proto(now_);
  state.set_by(command.by());
  state.set_comment(command.comment());
  const std::string id = state.silence().id();
  if (auto put = silences_.put(std::move(state)); !put) return put;
  changed_silences_.insert(id);
  return ok_status();
}

void Alerting::mark(const v1::Command& command, Timestamp at, bool& has_target, Effects& out) {
  has_target = false;
  for (const auto& id : command.mark().alert_ids()) {
    const OpenAlert* known = find(id);
    if (known == nullptr) continue;
    has_target = true;
    const std::string& verdict = command.mark().verdict();
    out.count("marked_alerts", verdict);
    OpenAlert& alert = change(id, "marked", at);
    if (verdict == "none") {
      alert.published.clear_mark();
      continue;
    }
    auto& mark = *alert.published.mutable_mark();
    mark.set_verdict(verdict);
    mark.set_by(command.by());
    mark.set_comment(command.comment());
    *mark.mutable_at() = to_proto(at);
    mark.set_severity(alert.published.severity());
    mark.set_command(command.id());
    alert.page_at.reset();  // somebody has looked into it
  }
}

std::vector<std::string> Alerting::named(const std::string& alert_id, const std::string& incident_id) const {
  std::vector<std::string> out;
  for (const auto& [id, alert] : alerts_)
    if (alert.is_firing() && (id == alert_id || (!incident_id.empty() && alert.published.incident_id() == incident_id)))
      out.push_back(id);
  return out;
}

void Alerting::acknowledge(const v1::Command& command, Timestamp at, bool& has_target) {
  const auto ids = named(command.acknowledge().alert_id(), command.acknowledge().incident_id());
  has_target = !ids.empty();
  for (const auto& id : ids) {
    OpenAlert& alert = change(id, "acknowledged", at);
    auto& told = *alert.published.mutable_acknowledged();
    told.set_by(command.by());
    told.set_comment(command.comment());
    *told.mutable_at() = to_proto(at);
    alert.is_acknowledged_by_incident = !command.acknowledge().incident_id().empty();
    alert.page_at.reset();
  }
}

void Alerting::unacknowledge(const v1::Command& command, Timestamp at, bool& has_target) {
  has_target = false;
  for (const auto& id : named(command.unacknowledge().alert_id(), command.unacknowledge().incident_id())) {
    if (!alerts_.find(id)->second.published.has_acknowledged()) continue;
    has_target = true;
    OpenAlert& alert = change(id, "unacknowledged", at);
    alert.published.clear_acknowledged();
    alert.is_acknowledged_by_incident = false;
    if (escalates(alert.published)) alert.page_at = at + *options_.escalate_after;
  }
}

}  // namespace tidewatch
