#include "stream/session/session.h"

#include <algorithm>

#include "stream/assemble/request.h"

namespace tidewatch {
namespace {

Error not_a_turn() { return {"bad_turn", "the record is no turn: is another program writing here?"}; }

bool is_whole(const Record& record, const v1::Turn& turn) {
  return !record.key.empty() && turn.start_unix_nano() >= 0 && turn.start_unix_nano() <= turn.end_unix_nano();
}

}  // namespace

Session::Session(const SessionOptions& options, Observer observer)
    : options_(options), observer_(std::move(observer)), behaviour_(options) {}

void Session::on_record(const Record& record, Effects& out) {
  v1::Turn turn;
  if (!turn.ParseFromArray(record.value.data(), static_cast<int>(record.value.size())) || !is_whole(record, turn))
    return out.dead_letter(record, not_a_turn(), record.value);
  const Timestamp end{Duration(turn.end_unix_nano())};
  if (end < watermark_) return out.count(turn.is_vote() ? "late_votes" : "late_turns");
  Waiting waiting{std::string(record.key), std::nullopt, record.offset};
  if (!turn.is_vote()) waiting.step = step_of(turn);
  waiting_offsets_.insert(record.offset);
  waiting_.emplace(WaitingKey{end, turn.is_vote(), turn.trace_id(), record.offset}, std::move(waiting));
}

void Session::begin(const std::string& session, Step step, int64_t offset) {
  const auto at = open_.try_emplace(session, Open{Conversation(std::move(step)), offset}).first;
  const Conversation& conversation = at->second.conversation;
  ending_.emplace(conversation.ends_at(options_.gap), &at->first);
  growing_long_.emplace(after(conversation.began(), options_.longest), &at->first);
  needed_offsets_.insert(offset);
}

void Session::needs(Sessions::value_type& session, int64_t offset) {
  Open& open = session.second;
  if (offset >= open.offset) return;
  if (growing_long_.contains({after(open.conversation.began(), options_.longest), &session.first})) {
    needed_offsets_.erase(needed_offsets_.find(open.offset));
    needed_offsets_.insert(offset);
  }
  open.offset = offset;
}

void Session::end(Sessions::iterator session, Effects& out) {
  const Open& open = session->second;
  const SessionEnd end = open.conversation.end(options_.gap);
  behaviour_.add(end);
  if (observer_.on_end) observer_.on_end(session->first, end);
  out.count("sessions");
  ending_.erase({end.at, &session->first});
  if (growing_long_.erase({after(open.conversation.began(), options_.longest), &session->first}) > 0)
    needed_offsets_.erase(needed_offsets_.find(open.offset));
  open_.erase(session);
}

void Session::take_step(const std::string& session, Step step, int64_t offset, Effects& out) {
  auto found = open_.find(session);
  if (found != open_.end() && found->second.conversation.ends_at(options_.gap) < step.end) {
    end(found, out);
    found = open_.end();
  }
  if (found == open_.end()) return begin(session, std::move(step), offset);
  Conversation& conversation = found->second.conversation;
  const Timestamp ended_at = conversation.ends_at(options_.gap);
  const bool is_new = conversation.add(std::move(step), options_, [&](const FollowUp& follow_up) {
    behaviour_.add(follow_up);
    if (observer_.on_follow_up) observer_.on_follow_up(session, follow_up);
  });
  if (!is_new) return out.count("duplicate_turns");
  needs(*found, offset);
  ending_.erase({ended_at, &found->first});
  ending_.emplace(conversation.ends_at(options_.gap), &found->first);
}

void Session::take(Waiting waiting, Timestamp time, Effects& out) {
  if (waiting.step) return take_step(waiting.session, *std::move(waiting.step), waiting.offset, out);
  const auto found = open_.find(waiting.session);
  if (found == open_.end() || found->second.conversation.ends_at(options_.gap) < time) return out.count("late_votes");
  found->second.conversation.add_vote();
  needs(*found, waiting.offset);
}

void Session::on_watermark(Timestamp watermark, Effects& out) {
  watermark_ = watermark;
  while (!waiting_.empty() && std::get<0>(waiting_.begin()->first) < watermark) {
    const Timestamp time = std::get<0>(waiting_.begin()->first);
    Waiting waiting = std::move(waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
    waiting_offsets_.erase(waiting_offsets_.find(waiting.offset));
    take(std::move(waiting), time, out);
  }
  while (!ending_.empty() && ending_.begin()->first < watermark) end(open_.find(*ending_.begin()->second), out);
  while (!growing_long_.empty() && growing_long_.begin()->first < watermark) {
    needed_offsets_.erase(needed_offsets_.find(open_.find(*growing_long_.begin()->second)->second.offset));
    growing_long_.erase(growing_long_.begin());
  }
  behaviour_.flush(out);
}

int64_t Session::needed_from() const {
  const auto oldest = [](const std::multiset<int64_t>& of) { return of.empty() ? kNothingNeeded : *of.begin(); };
  return std::min(oldest(waiting_offsets_), oldest(needed_offsets_));
}

}  // namespace tidewatch
