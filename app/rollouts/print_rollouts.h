#pragma once

#include <string>
#include <vector>

#include "app/rollouts/rollout_board.h"
#include "stream/rollout/rollout_rule.h"

namespace tidewatch {

/// One line for each rollout of the config: how it stands, and whether its drill is overdue.
std::string rollouts_text(const RolloutBoard& board, const std::vector<RolloutRule>& rules, Timestamp now);
/// One JSON object a line: `{"rollout", "verdict", "drill_overdue", "decision"}`.
std::string rollouts_json(const RolloutBoard& board, const std::vector<RolloutRule>& rules, Timestamp now);

/// A rollout with each guard's interval drawn, and what was decided so far.
std::string rollout_text(const RolloutBoard& board, const RolloutRule& rule, Timestamp now);

/// An interval on a line of `width` characters: `|` is no difference, `!` the limit, `[=+=]` the interval and the
/// estimate; what is beyond the line's ends is `<` and `>`.
std::string drawn_interval(const v1::RolloutGuard& guard, size_t width = 48);

}  // namespace tidewatch
