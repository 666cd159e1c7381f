#pragma once

#include <string>
#include <string_view>

#include "app/rollouts/rollout_board.h"
#include "stream/runtime/http_endpoint.h"

namespace tidewatch {

/// What those ask who act on rollouts. Answers are JSON.
enum class RolloutGate : uint8_t {
  verdict,            ///< Argo Rollouts' web metric: always 200; `verdict` is wait, promote or rollback
  confirm_rollout,    ///< Flagger, before a canary begins: go
  rollout,            ///< Flagger, at each check: go unless it is to be rolled back
  confirm_increase,   ///< Flagger's confirm-traffic-increase: go while nothing holds
  confirm_promotion,  ///< Flagger: go when it is to be promoted
  rollback            ///< Flagger, inverted: 200 rolls back
};
std::string_view path_of(RolloutGate gate);  ///< behind the rollout's own: "" or "/confirm-rollout"
inline constexpr RolloutGate kRolloutGates[] = {RolloutGate::verdict,           RolloutGate::confirm_rollout,
                                                RolloutGate::rollout,           RolloutGate::confirm_increase,
                                                RolloutGate::confirm_promotion, RolloutGate::rollback};

/// `since`: RFC 3339, when the rollout that is asked about began; empty: within the last hour. 200 is go, 409 wait;
/// 400 for a `since` that is no time.
HttpResponse answer(RolloutGate gate, const RolloutBoard& board, const std::string& rollout, const std::string& since,
                    Timestamp now);

}  // namespace tidewatch
