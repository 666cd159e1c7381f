#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "detectors/decide/rollout/arm_groups.h"

namespace tidewatch {

/// What one random group of one arm of a rollout is called where entities have keys:
/// "@rollout=prompt-v13,arm=treatment, group=17". No label of a request begins with `@`.
struct RolloutKey {
  std::string rollout;
  Arm arm = Arm::control;
  size_t group = 0;
};

std::string rollout_key(const RolloutKey& key);
/// Absent: the key is of something else.
std::optional<RolloutKey> parse_rollout_key(std::string_view key);

/// Key of a rollout as a whole, which decides its partition: "@rollout=prompt-v13".
std::string rollout_key(std::string_view rollout);
bool is_rollout_key(std::string_view key);
/// What of a rollout's key, or a group's, decides its partition. Pre: is_rollout_key().
std::string_view rollout_placement(std::string_view key);

}  // namespace tidewatch
