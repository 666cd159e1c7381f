#include "detectors/decide/rollout/arm_groups.h"

#include <cmath>

namespace tidewatch {

void ArmGroups::save(ByteWriter& out) const {
  for (const GroupSums& group : groups_) {
    out.put(static_cast<uint8_t>(group.weight != 0));
    if (group.weight == 0) continue;
    out.put(group.weight);
    out.put(group.total);
    out.put(group.effective);
  }
}

bool ArmGroups::load(ByteReader& in) {
  for (GroupSums& group : groups_) {
    group = {};
    if (in.get<uint8_t>() == 0) continue;
    group.weight = in.get<double>();
    group.total = in.get<double>();
    group.effective = in.get<double>();
    if (!std::isfinite(group.weight) || !std::isfinite(group.total) || !std::isfinite(group.effective)) return false;
  }
  return in.ok();
}

}  // namespace tidewatch
