#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "stream/rollout/rollout_rule.h"
#include "stream/window/entity.h"
#include "stream/window/measures.h"

namespace tidewatch {

/// Which arm of which rollouts a request is in, and which random group its unit falls into.
class RolloutArms {
 public:
  RolloutArms() = default;
  /// Of the measures those of the guards alone are counted, beside the requests.
  RolloutArms(const std::vector<RolloutRule>& rules, MeasureCatalog& catalog);

  struct Place {
    const std::string& key;                  ///< of the arm's group: rollout_key()
    const std::vector<MeasureId>& measures;  ///< that count there
  };
  /// `trace_id`: names the unit of a request that has none of the labels; empty: such a one counts nowhere.
  void for_each(const Labels& labels, std::string_view trace_id, const std::function<void(const Place&)>& visit) const;

  bool knows(std::string_view rollout) const;

 private:
  struct Compiled {
    RolloutRule rule;
    std::vector<MeasureId> measures;
    std::vector<std::string> keys;  ///< by arm, then by group
  };
  std::vector<Compiled> rollouts_;
};

}  // namespace tidewatch
