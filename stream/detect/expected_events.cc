#include "stream/detect/expected_events.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "stream/publish/timestamps.h"

namespace tidewatch {

bool ExpectedEvent::covers(const Labels& labels, Timestamp start, Timestamp end) const {
  return start < until && from < end && std::all_of(match.begin(), match.end(), [&](const LabelMatcher& matcher) {
           return matcher.fits(labels.get(matcher.name()));
         });
}

v1::ExpectedState expected_state(const v1::Command& command) {
  v1::ExpectedState out;
  *out.mutable_event() = command.expect();
  if (command.expect().id().empty()) out.mutable_event()->set_id(command.id());
  if (!command.expect().has_from()) *out.mutable_event()->mutable_from() = command.at();
  out.set_by(command.by());
  out.set_comment(command.comment());
  return out;
}

Result<ExpectedEvent> ExpectedEvents::read(const v1::Expect& event) {
  ExpectedEvent out;
  out.name = event.id();
  for (const auto& matcher : event.matchers()) {
    auto made = LabelMatcher::make(matcher.name(), matcher.op(), matcher.value());
    if (!made) return made.error();
    out.match.push_back(std::move(made).value());
  }
  out.from = from_proto(event.from());
  out.until = from_proto(event.until());
  if (out.until <= out.from)
    return Error{"bad_expected_event", fmt::format("the expected event ends ({}) before it begins ({})",
                                                   rfc3339(out.until), rfc3339(out.from))};
  return out;
}

Status ExpectedEvents::check(const v1::Expect& event) {
  auto made = read(event);
  return made ? ok_status() : Status(made.error());
}

Status ExpectedEvents::put(v1::ExpectedState state) {
  auto made = read(state.event());
  if (!made) return made.error();
  const std::string id = state.event().id();
  announced_.insert_or_assign(id, Announced{std::move(state), std::move(made).value()});
  return ok_status();
}

bool ExpectedEvents::end(std::string_view id, Timestamp now) {
  const auto found = announced_.find(id);
  if (found == announced_.end() || found->second.event.until <= now) return false;
  auto& [state, event] = found->second;
  event.until = std::max(now, event.from);
  *state.mutable_event()->mutable_until() = to_proto(event.until);
  return true;
}

bool ExpectedEvents::covers(const Labels& labels, Timestamp start, Timestamp end) const {
  const auto does = [&](const ExpectedEvent& event) { return event.covers(labels, start, end); };
  return std::any_of(of_config_.begin(), of_config_.end(), does) ||
         std::any_of(announced_.begin(), announced_.end(), [&](const auto& entry) { return does(entry.second.event); });
}

const v1::ExpectedState* ExpectedEvents::find(std::string_view id) const {
  const auto found = announced_.find(id);
  return found == announced_.end() ? nullptr : &found->second.state;
}

std::vector<std::string> ExpectedEvents::forget(Timestamp now) {
  std::vector<std::string> out;
  for (const auto& [id, announced] : announced_)
    if (announced.event.until < now) out.push_back(id);
  for (const auto& id : out) announced_.erase(id);
  return out;
}

}  // namespace tidewatch
