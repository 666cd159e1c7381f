// What Detect does of the commands of people.
#include <fmt/format.h>

#include "stream/detect/detect.h"
#include "stream/publish/timestamps.h"

namespace tidewatch {
namespace {

/// So long after its end an event is kept: windows that end by then were closed, also those of late data.
constexpr Duration kExpectedMemory = std::chrono::hours(24);

std::string state_key(std::string_view id) { return fmt::format("{}{}", Detect::kExpectedKey, id); }

}  // namespace

void Detect::on_command(const v1::Command& command, Effects& out) {
  const Timestamp at = from_proto(command.at());
  switch (command.command_case()) {
    case v1::Command::kMark: {
      const auto finding = parse_mark_verdict(command.mark().verdict());
      if (!finding) return;  // observe has sent it to the dead letters
      for (const auto& id : command.mark().alert_ids())
        for (const auto& [key, entity] : entities_) {
          if (!entity->mark(id, *finding, at)) continue;
          out.count("taught_series", name_of(*finding));
          save(*entity, out);
          break;
        }
      return;
    }
    case v1::Command::kExpect: {
      v1::ExpectedState state = expected_state(command);
      if (expected_.put(state)) save(state, out);
      return;
    }
    case v1::Command::kUnexpect:
      if (expected_.end(command.unexpect().event_id(), at)) save(*expected_.find(command.unexpect().event_id()), out);
      return;
    case v1::Command::kRollout:
      return order_rollout(command, out);
    default:
      return;  // for the stage alert alone
  }
}

Status Detect::restore_expected(std::string_view key, std::string_view value) {
  v1::ExpectedState state;
  if (!state.ParseFromArray(value.data(), static_cast<int>(value.size())))
    return Error{"corrupt", fmt::format("state of \"{}\" is no ExpectedState", key)};
  return expected_.put(std::move(state));
}

void Detect::save(const v1::ExpectedState& expected, Effects& out) {
  out.emit(Stream::state, state_key(expected.event().id()), expected.SerializeAsString());
}

void Detect::forget_expected(Timestamp now, Effects& out) {
  for (const auto& id : expected_.forget(saturating_minus(now, kExpectedMemory)))
    out.emit(Stream::state, state_key(id), {});
}

}  // namespace tidewatch
