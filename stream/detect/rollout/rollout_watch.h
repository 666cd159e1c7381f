#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/core/result.h"
#include "detectors/core/time.h"
#include "detectors/decide/rollout/rollout.h"
#include "stream/detect/cells.h"
#include "stream/rollout/rollout_key.h"
#include "stream/rollout/rollout_rule.h"
#include "stream/window/measures.h"
#include "tidewatch/v1/command.pb.h"

namespace tidewatch {

/// One rollout of the config with what became of it.
class RolloutWatch {
 public:
  /// Errors: `bad_measure` for a guard that is neither a rate nor a distribution, or is none at all;
  /// `bad_rollout` for one that keeps too much.
  static Result<RolloutWatch> make(const RolloutRule& rule, MeasureCatalog& catalog);
  /// Whether it is one of the actions of v1::CommandRollout.
  static std::optional<RolloutOrder> order_of(std::string_view action);

  void add(const RolloutKey& key, const Cells& cells);  ///< of the pane that is closed next
  /// Closes a pane. True: what is kept has changed, and must be saved in the same commit.
  bool close(Timestamp end, Duration width, std::optional<RolloutNews>& news);
  std::optional<RolloutNews> order(RolloutOrder order, std::string_view id, Timestamp at);

  const RolloutRule& rule() const { return rule_; }
  const RolloutPlan& plan() const { return rule_.plan; }
  const Rollout& rollout() const { return rollout_; }

  std::string save() const;  ///< v1::RolloutState
  Status load(
      std::string_view bytes);  ///< errors: `corrupt`; what was kept under another plan is left, and it begins anew

 private:
  struct Watched {
    MeasureId measure;
    Statistic statistic;
  };
  explicit RolloutWatch(const RolloutRule& rule) : rule_(rule), pane_(rule.plan) {}
  void add(GuardSums& sums, size_t guard, const RolloutKey& key, const Aggregate& aggregate) const;
  RolloutNews with_readings(RolloutNews news) const;

  RolloutRule rule_;
  std::vector<Watched> watched_;  ///< by guard
  RolloutPane pane_;
  bool has_data_ = false;
  Rollout rollout_;
};

/// Every rollout of the config.
class RolloutBook {
 public:
  static Result<RolloutBook> compile(const std::vector<RolloutRule>& rules, MeasureCatalog& catalog);

  bool empty() const { return watches_.empty(); }
  bool is_running() const;  ///< any of them
  RolloutWatch* find(std::string_view name);
  void for_each(const std::function<void(RolloutWatch&)>& visit) {
    for (RolloutWatch& watch : watches_) visit(watch);
  }

 private:
  std::vector<RolloutWatch> watches_;
};

}  // namespace tidewatch
