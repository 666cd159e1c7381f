#include "stream/evaluate/judge/shared_judge.h"

#include <utility>

namespace tidewatch {
namespace {

JudgedAnswer answer_of(const JudgedRequest& judgement) {
  JudgedAnswer out;
  out.trace_id = judgement.chosen.request.trace_id();
  out.is_counted = judgement.chosen.probability.has_value();
  out.judge = judgement.judge;
  out.unjudged = judgement.unjudged;
  if (!judgement.was_judged()) return out;
  out.event = to_event(judgement);
  out.event.clear_time();
  return out;
}

}  // namespace

size_t SharedJudge::submit(const void* owner, const AnsweredTexts& texts,
                           const std::map<std::string, std::string>& labels, const ChosenRequest& chosen) {
  const std::lock_guard lock(mutex_);
  const size_t accepted = judge_->submit(judged(texts), labels, chosen);
  // After a rebalance another task may wait for what one that is gone had submitted: what comes first is for it.
  if (accepted == 0) return 0;
  Awaited& awaited = awaited_[{chosen.request.trace_id(), chosen.probability.has_value()}];
  awaited.owner = owner;
  awaited.left += accepted;
  return accepted;
}

std::vector<JudgedAnswer> SharedJudge::collect(const void* owner) {
  const std::lock_guard lock(mutex_);
  for (const JudgedRequest& judgement : judge_->poll(Duration::zero())) {
    JudgedAnswer one = answer_of(judgement);
    const auto found = awaited_.find({one.trace_id, one.is_counted});
    if (found == awaited_.end()) continue;  // nobody waits for it any more
    done_[found->second.owner].push_back(std::move(one));
    if (--found->second.left == 0) awaited_.erase(found);
  }
  return std::exchange(done_[owner], {});
}

void SharedJudge::forget(const void* owner) {
  const std::lock_guard lock(mutex_);
  done_.erase(owner);
  std::erase_if(awaited_, [&](const auto& one) { return one.second.owner == owner; });
}

}  // namespace tidewatch
