#include "stream/alert/command_reader.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <string>
#include <utility>

#include "detectors/decide/taught_threshold.h"
#include "stream/alert/silences.h"
#include "stream/detect/expected_events.h"
#include "stream/detect/rollout/rollout_watch.h"
#include "stream/publish/timestamps.h"

namespace tidewatch {
namespace {

bool is_json(std::string_view value) {
  const size_t first = value.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && value[first] == '{';
}

Result<v1::Command> parse(std::string_view value) {
  v1::Command out;
  if (is_json(value)) {
    const auto read = google::protobuf::util::JsonStringToMessage({value.data(), value.size()}, &out);
    if (!read.ok())
      return Error{"bad_command",
                   fmt::format("the command is no JSON of the schema v1.Command: {}", std::string(read.message()))};
  } else if (!out.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
    return Error{"bad_command", "the command is neither JSON nor a v1.Command in protobuf"};
  }
  return out;
}

/// Acknowledge and Unacknowledge.
template <typename Named>
Status check_target(const Named& named) {
  if (named.alert_id().empty() != named.incident_id().empty()) return ok_status();
  return Error{"bad_command", "the command needs either alert_id or incident_id"};
}

Status check(const v1::Command& command) {
  switch (command.command_case()) {
    case v1::Command::kAcknowledge:
      return check_target(command.acknowledge());
    case v1::Command::kUnacknowledge:
      return check_target(command.unacknowledge());
    case v1::Command::kSilence: {
      if (!command.silence().has_until()) return Error{"bad_silence", "the silence needs an end: until"};
      v1::SilenceState state;
      *state.mutable_silence() = command.silence();
      if (!command.silence().has_from()) *state.mutable_silence()->mutable_from() = command.at();
      if (auto checked = Silences::check(state.silence()); !checked) return checked;
      return Silences().put(std::move(state));
    }
    case v1::Command::kExpireSilence:
      if (!command.expire_silence().silence_id().empty()) return ok_status();
      return Error{"bad_command", "the command needs the silence_id that it ends"};
    case v1::Command::kMark: {
      if (const auto finding = parse_mark_verdict(command.mark().verdict()); !finding)
        return Error{"bad_command", "the mark's verdict " + finding.error().message};
      if (command.mark().alert_ids_size() > 0) return ok_status();
      return Error{"bad_command", "the mark needs the alerts that it is about: alert_ids"};
    }
    case v1::Command::kExpect: {
      if (!command.expect().has_until()) return Error{"bad_expected_event", "the expected event needs an end: until"};
      return ExpectedEvents::check(expected_state(command).event());
    }
    case v1::Command::kUnexpect:
      if (!command.unexpect().event_id().empty()) return ok_status();
      return Error{"bad_command", "the command needs the event_id that it ends"};
    case v1::Command::kRollout: {
      if (command.rollout().name().empty())
        return Error{"bad_command", "the command needs the name of the rollout that it is about"};
      if (RolloutWatch::order_of(command.rollout().action())) return ok_status();
      return Error{"bad_command", fmt::format("\"{}\" is no action of a rollout; there are promote, rollback, restart "
                                              "and drill",
                                              command.rollout().action())};
    }
    case v1::Command::COMMAND_NOT_SET:
      break;
  }
  return Error{"bad_command",
               "the command says nothing; there are acknowledge, unacknowledge, silence, expire_silence, mark, expect, "
               "unexpect and rollout"};
}

}  // namespace

Result<v1::Command> read_command(const Record& record) {
  auto command = parse(record.value);
  if (!command) return command;
  if (command->id().empty()) command->set_id(fmt::format("{}/{}/{}", record.topic, record.partition, record.offset));
  const bool has_append_time = record.append_time != kMinTimestamp;
  if (!command->has_at() && !has_append_time)
    return Error{"bad_command", "the command has no time (at), and neither has its record"};
  if (!command->has_at() || (has_append_time && from_proto(command->at()) > record.append_time))
    *command->mutable_at() = to_proto(record.append_time);
  if (auto checked = check(*command); !checked) return checked.error();
  return command;
}

}  // namespace tidewatch
