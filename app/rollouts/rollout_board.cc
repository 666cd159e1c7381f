#include "app/rollouts/rollout_board.h"

#include "stream/publish/decode.h"
#include "stream/publish/timestamps.h"

namespace tidewatch {

std::string_view name_of(RolloutVerdict verdict) {
  switch (verdict) {
    case RolloutVerdict::wait:
      return "wait";
    case RolloutVerdict::promote:
      return "promote";
    case RolloutVerdict::rollback:
      return "rollback";
  }
  return "unknown";
}

void RolloutBoard::take(const Record& record) {
  v1::RolloutDecision decision;
  if (!decode(record.value, decision) || decision.rollout().empty()) return;
  RolloutStanding& standing = standings_[decision.rollout()];
  standing.history.push_back(decision);
  if (standing.history.size() > RolloutStanding::kMostHistory) standing.history.pop_front();
  (decision.drill() ? standing.drill : standing.latest) = std::move(decision);
}

const RolloutStanding* RolloutBoard::find(std::string_view name) const {
  const auto at = standings_.find(name);
  return at == standings_.end() ? nullptr : &at->second;
}

RolloutVerdict RolloutBoard::verdict(std::string_view name, Timestamp now, Timestamp since) const {
  const RolloutStanding* standing = find(name);
  if (standing == nullptr || !standing->latest) return RolloutVerdict::wait;
  const Timestamp at = from_proto(standing->latest->at());
  if (at < since || now - at > kValidFor) return RolloutVerdict::wait;
  if (standing->latest->decision() == "promote") return RolloutVerdict::promote;
  return standing->latest->decision() == "rollback" ? RolloutVerdict::rollback : RolloutVerdict::wait;
}

}  // namespace tidewatch
