#include "stream/alert/silences.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "stream/publish/timestamps.h"

namespace tidewatch {

Status Silences::check(const v1::Silence& silence) {
  const Timestamp from = from_proto(silence.from());
  const Timestamp until = from_proto(silence.until());
  if (until > from) return ok_status();
  return Error{"bad_silence",
               fmt::format("the silence ends ({}) before it begins ({})", rfc3339(until), rfc3339(from))};
}

Status Silences::put(v1::SilenceState state) {
  Silence silence;
  for (const auto& matcher : state.silence().matchers()) {
    auto made = LabelMatcher::make(matcher.name(), matcher.op(), matcher.value());
    if (!made) return made.error();
    silence.matchers.push_back(std::move(made).value());
  }
  if (silence.matchers.empty())
    return Error{"bad_silence", "a silence needs a matcher: without one it would hide every alert"};
  silence.from = from_proto(state.silence().from());
  silence.until = from_proto(state.silence().until());
  const std::string id = state.silence().id();
  silence.state = std::move(state);
  silences_.insert_or_assign(id, std::move(silence));
  return ok_status();
}

bool Silences::expire(std::string_view id, Timestamp now) {
  const auto found = silences_.find(id);
  if (found == silences_.end() || found->second.until <= now) return false;
  found->second.until = std::max(now, found->second.from);
  *found->second.state.mutable_silence()->mutable_until() = to_proto(found->second.until);
  return true;
}

std::vector<v1::AlertSuppression> Silences::suppressing(const v1::Alert& alert, Timestamp now) const {
  std::vector<v1::AlertSuppression> out;
  for (const auto& [id, silence] : silences_) {
    if (!silence.is_active(now) || !fit(silence.matchers, alert)) continue;
    auto& added = out.emplace_back();
    added.set_kind("silence");
    added.set_id(id);
    const auto& state = silence.state;
    added.set_why(fmt::format("silenced until {}{}{}{}{}", rfc3339(silence.until), state.by().empty() ? "" : " by ",
                              state.by(), state.comment().empty() ? "" : ": ", state.comment()));
  }
  return out;
}

std::optional<Timestamp> Silences::next_change(Timestamp now) const {
  std::optional<Timestamp> out;
  for (const auto& [id, silence] : silences_)
    for (const Timestamp at : {silence.from, silence.until})
      if (at > now && (!out || at < *out)) out = at;
  return out;
}

std::vector<std::string> Silences::forget(Timestamp now) {
  std::vector<std::string> out;
  for (const auto& [id, silence] : silences_)
    if (silence.until < now) out.push_back(id);
  for (const auto& id : out) silences_.erase(id);
  return out;
}

const Silences::Silence* Silences::find(std::string_view id) const {
  const auto found = silences_.find(id);
  return found == silences_.end() ? nullptr : &found->second;
}

}  // namespace tidewatch
