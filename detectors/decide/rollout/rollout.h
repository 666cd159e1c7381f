#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/core/bytes.h"
#include "detectors/core/result.h"
#include "detectors/core/time.h"
#include "detectors/decide/rollout/arm_groups.h"
#include "detectors/decide/rollout/guard.h"

namespace tidewatch {

/// How a rollout goes on, and what stops it.
struct RolloutPlan {
  std::vector<double> steps = {0.05, 0.25, 0.5};  ///< shares of the treatment arm, ascending; then all of it
  Duration hold = std::chrono::minutes(30);       ///< of data at each step, before the next
  Duration warm_up = std::chrono::minutes(5);     ///< after a step begins: what is seen then counts for nothing
  double min_requests = 100;                      ///< of each arm, before anything is compared
  double alpha = 0.05;                            ///< probability of a false rollback, and of a false promotion
  std::optional<Duration> longest;                ///< after its start; undecided by then is rolled back
  bool checks_sample_ratio = true;
  std::vector<GuardPlan> guards;

  /// What data is kept under: of another identity a rollout begins anew.
  std::string identity() const;
};

/// What one pane adds.
struct RolloutPane {
  explicit RolloutPane(const RolloutPlan& plan);
  ArmPair requests;
  std::vector<GuardSums> guards;         ///< as in the plan
  void merge(const RolloutPane& other);  ///< pre: of the same plan
  bool has(Arm arm) const { return requests[static_cast<size_t>(arm)].all().weight > 0; }
};

enum class GuardVerdict : uint8_t { undecided, same, better, worse };

/// A guard as it stands.
struct GuardReading {
  std::optional<GuardEstimate> estimate;
  std::optional<double> low;  ///< of the effect, in the scale of GuardEstimate::effect; valid however often one looks
  std::optional<double> high;
  GuardVerdict verdict = GuardVerdict::undecided;
};

enum class RolloutDecision : uint8_t { start, hold, advance, promote, rollback };

/// Why.
enum class RolloutReason : uint8_t {
  begun,          ///< start: the treatment arm got its first requests
  watching,       ///< hold: this step has not lasted long enough
  no_data,        ///< hold: an arm sends nothing
  few_requests,   ///< hold: too few to compare
  sample_ratio,   ///< hold: the arms' shares are not those of the step
  leaning_worse,  ///< hold: a guard looks worse than allowed, not surely
  not_yet_sure,   ///< hold: nothing is worse for sure, and not everything is surely good enough
  step_passed,    ///< advance
  good_enough,    ///< promote: no guard is worse than allowed, and all goals are reached
  guard_failed,   ///< rollback: a guard is worse than allowed
  no_gain,        ///< rollback: a goal cannot be reached
  out_of_time,    ///< rollback: undecided for the longest time allowed
  person          ///< a person promoted it or rolled it back
};

/// What is to be told.
struct RolloutNews {
  RolloutDecision decision = RolloutDecision::hold;
  RolloutReason reason = RolloutReason::watching;
  Timestamp at{};
  Timestamp run{};  ///< when this run of the rollout began
  size_t step = 0;
  double share = 0;                    ///< that the treatment arm shall have from now on
  std::optional<size_t> guard;         ///< that decided, or is waited for
  std::optional<Duration> wait;        ///< about how much longer at this traffic
  double observed_share = 0;           ///< of the treatment arm, in this step
  bool is_drill = false;               ///< a rollback that proves the way to the actuator, and nothing else
  std::vector<GuardReading> readings;  ///< as in the plan; empty before there is anything to compare
};

enum class RolloutOrder : uint8_t { promote, rollback, restart, drill };

/// A canary or an A/B test that promotes and rolls back by itself. A pure state machine over panes: what it returns
/// depends on the calls made to it, so a restored one decides nothing twice.
///
/// A guard fails when it is worse than its margin by evidence that is valid at every look (normal_mixture.h), at alpha
/// divided by the number of guards; it holds when it is not worse than its margin by such evidence at alpha (all have
/// to hold, so that nothing is to be divided). Rollback wins over everything. A step passes after `hold` with data
/// while no guard leans beyond its margin; after the last the rollout is promoted when all guards hold and all goals
/// are better. Without data, with too little, or with other shares than planned it waits. After its end it begins anew
/// when the treatment arm was silent for an hour and comes back, or by order.
class Rollout {
 public:
  enum class Phase : uint8_t { waiting, running, promoted, rolled_back };

  /// The pane that ends at `end`, in order; panes without data are passed as well while it is_running().
  std::optional<RolloutNews> step(const RolloutPlan& plan, const RolloutPane& pane, Timestamp end, Duration width);
  /// An order of a person, by an id that makes it happen once. Absent where it changes nothing.
  std::optional<RolloutNews> order(const RolloutPlan& plan, RolloutOrder order, std::string_view id, Timestamp at);

  Phase phase() const { return phase_; }
  bool is_running() const { return phase_ == Phase::running; }
  Timestamp last_drill() const { return last_drill_; }  ///< kMinTimestamp: none
  std::vector<GuardReading> readings(const RolloutPlan& plan) const;

  void save(ByteWriter& out) const;
  Status load(const RolloutPlan& plan, ByteReader& in);  ///< errors: `unknown_version`, `corrupt`

 private:
  struct Evidence {
    std::optional<ArmDifference> at_harm;
    bool is_worse = false;
    bool holds = false;
    bool leans = false;
    bool is_hopeless = false;  ///< of a goal
  };
  void end_by_order(Phase phase, Timestamp at);
  void forget();  ///< what was seen of a run that is over
  void begin(const RolloutPlan& plan, Timestamp at);
  void begin_step(const RolloutPlan& plan, size_t step, Timestamp at);
  void learn(const RolloutPlan& plan, const RolloutPane& pane, Timestamp end, Duration width);
  bool is_silent(Timestamp end) const;  ///< an arm has been for long
  Evidence judge(const RolloutPlan& plan, size_t guard);
  RolloutNews decide(const RolloutPlan& plan, Timestamp end);
  RolloutNews news(const RolloutPlan& plan, RolloutDecision decision, RolloutReason reason, Timestamp at) const;
  std::optional<Duration> wait_for(const RolloutPlan& plan, const Evidence& evidence, size_t guard) const;
  GuardReading reading(const RolloutPlan& plan, size_t guard) const;
  double share_of(const RolloutPlan& plan) const;

  Phase phase_ = Phase::waiting;
  RolloutReason told_ = RolloutReason::begun;  ///< the last reason that was told
  Timestamp told_at_ = kMinTimestamp;
  Timestamp run_ = kMinTimestamp;
  Timestamp step_began_ = kMinTimestamp;
  size_t step_ = 0;
  Duration observed_{};  ///< with data of both arms in this step, after its warm-up
  Timestamp last_control_ = kMinTimestamp;
  Timestamp last_treatment_ = kMinTimestamp;
  Timestamp last_drill_ = kMinTimestamp;
  /// What came since both arms were last seen: it counts when both are, and not when one was silent for long.
  std::vector<RolloutPane> pending_;  ///< none or one
  Duration pending_width_{};
  ArmPair requests_;                            ///< of this step, after its warm-up
  std::vector<std::vector<GuardSums>> guards_;  ///< by guard, then by step
  std::vector<double> priors_;                  ///< variances of the prior, by guard; 0: not chosen yet
  std::deque<std::string> orders_;              ///< ids of the latest
};

}  // namespace tidewatch
