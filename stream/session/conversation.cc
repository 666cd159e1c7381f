#include "stream/session/conversation.h"

#include <algorithm>
#include <utility>

#include "detectors/sketch/distinct.h"
#include "stream/assemble/request.h"

namespace tidewatch {

void Conversation::remember(std::string_view trace_id) { recent_[remembered_++ % kRecent] = hash_key(trace_id); }

bool Conversation::add(Step next, const SessionOptions& options,
                       const std::function<void(const FollowUp&)>& on_follow_up) {
  const auto known = recent_.begin() + static_cast<std::ptrdiff_t>(std::min(remembered_, kRecent));
  if (std::find(recent_.begin(), known, hash_key(next.trace_id)) != known) return false;
  remember(next.trace_id);
  const Step& before = last();
  // What began before the answer was there is no reaction to it: a program that asks several things at once.
  if (next.start >= before.end) {
    on_follow_up({before, next, is_rephrase(before, next, options)});
  }
  last_ = std::move(next);
  ++turns_;
  return true;
}

SessionEnd Conversation::end(Duration gap) const {
  return {first_, last(), turns_, ends_at(gap), last().end - first_.start, has_vote_};
}

}  // namespace tidewatch
