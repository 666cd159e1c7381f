#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "detectors/core/bytes.h"
#include "detectors/core/result.h"
#include "detectors/core/time.h"
#include "detectors/decide/slo/burn_rule.h"
#include "detectors/decide/slo/slot_counts.h"

namespace tidewatch {

/// What share of events must be good, and who is to be told when it will not be.
struct SloPolicy {
  double objective = 0.99;                  ///< in (0, 1)
  Duration period = std::chrono::days(30);  ///< the last so many whole days
  std::vector<BurnRule> burns = default_burn_rules(std::chrono::days(30), 0.99);
  std::vector<double> alert_at = {0.5, 1.0};  ///< shares of the error budget
  double min_events = 10;                     ///< in a long window, before it can alert
  double min_bad = 3;                         ///< of them; and in the period, before a share of the budget is told
  /// Chance that a service exactly at its objective shows as many bad events in the long window, below which they are
  /// taken for no accident (measured by slo_bench).
  double chance = 1e-6;
  double least_recent = 10;  ///< events that a short window needs: it reaches back until it has them

  double budget() const { return 1 - objective; }  ///< share of events that may be bad
};

/// When an error budget will be gone if bad events go on to come as they do lately.
struct BudgetGone {
  std::optional<Timestamp> at;        ///< none: not within a period from now
  std::optional<Timestamp> earliest;  ///< central 90 %
  std::optional<Timestamp> latest;
};

/// How an error budget stands.
struct SloStanding {
  SloCounts counts;                ///< in the period, or as much of it as was seen
  double allowed = 0;              ///< bad events in a whole period; of a shorter past as if traffic went on as it was
  double burn = 0;                 ///< lately: in a thirtieth of the period, an hour at least
  std::optional<BudgetGone> gone;  ///< none: nothing was seen lately, or it is gone
  double spent() const { return allowed > 0 ? counts.bad / allowed : 0; }
  double left() const { return allowed - counts.bad; }  ///< bad events; below 0: overspent
};

/// An alert of an SLO begins, gets worse or ends.
struct SloEvent {
  enum class Kind : uint8_t { fired, escalated, resolved };
  Kind kind = Kind::fired;
  bool is_gone = false;      ///< resolved because the SLO is no longer in the config
  bool is_reopened = false;  ///< it burns again soon after it had ended: the same alert goes on
  uint32_t permille = 0;     ///< the share of the budget that was reached; 0: it burns
  Severity severity = Severity::ticket;
  Timestamp starts_at{};
  Timestamp observed_at{};
  // It burns:
  BurnRule rule;      ///< the most severe that does (resolved: that did), and of those the fastest
  SloCounts in_long;  ///< in its windows
  SloCounts in_short;
  Duration short_window{};  ///< as long as it was: more than the rule's where traffic is thin
  double surprise = 0;      ///< bits: -log2 of the chance that policy.chance is about
  SloStanding standing;
};

/// The error budget of one SLO of one entity. A pure state machine: what it returns depends on the calls made to it, so
/// that a restored one neither repeats nor forgets an alert.
///
/// It burns as long as a rule does: from when both windows burn faster than its factor (what the long one did not see
/// is good) and the long one is no accident of a service at its objective (binomial test), until the short one stops.
/// All rules are one alert, as severe as the most severe of them was; what burns again within an hour is the same.
///
/// Each share of the budget alerts once when it is passed, of several that are passed at once the highest, and may
/// again after what was spent fell below nine tenths of it.
///
/// Memory: slots of five minutes for windows up to six hours, of an hour for longer ones, of a day for the period: 180
/// for 30 days, 700 at most; about a kilobyte of state.
class Slo {
 public:
  static constexpr Duration kResolution = std::chrono::minutes(5);
  static constexpr Duration kLongestWindow = std::chrono::days(10);
  static constexpr Duration kLongestPeriod = std::chrono::days(90);

  /// Of events at `time`, which is not before that of an earlier charge or decision.
  void charge(Timestamp time, const SloCounts& counts, const SloPolicy& policy);
  /// Of events that were earlier: each counts in its slots. False: they are kept no more.
  bool charge_late(Timestamp time, const SloCounts& counts, const SloPolicy& policy);
  /// What is to be told at `now`, when everything before it was charged. `is_expected`: people said beforehand that
  /// things would be unusual; then no burn begins to alert.
  std::vector<SloEvent> decide(Timestamp now, const SloPolicy& policy, bool is_expected = false);
  /// The SLO is gone: ends all its alerts, once.
  std::vector<SloEvent> retire(Timestamp now);

  SloStanding standing(Timestamp now, const SloPolicy& policy) const;
  bool is_firing() const { return !burning_.empty() || !firing_.empty(); }
  /// Bits: -log2 of the chance that a service exactly at its objective shows so many bad events, or more.
  static double surprise_of(const SloCounts& counts, double budget);

  size_t memory_bytes() const;
  void save(ByteWriter& out) const;
  Status load(ByteReader& in);  ///< errors: `unknown_version`, `corrupt`

 private:
  /// What the windows of a rule show.
  struct Burn {
    SloCounts in_long;
    SlotCounts::Window in_short;
    double surprise = 0;
    bool begins = false;
    bool goes_on = false;
  };
  struct Firing {
    uint32_t permille = 0;
    Timestamp fired_at{};
  };
  void advance(Timestamp now, const SloPolicy& policy);
  const SlotCounts& slots_for(Duration length) const;
  Burn look(Timestamp now, const BurnRule& rule, const SloPolicy& policy) const;
  SlotCounts::Window recent(Timestamp now, const BurnRule& rule, double least) const;
  void decide_burn(Timestamp now, const SloPolicy& policy, bool is_expected, std::vector<SloEvent>& out);
  void decide_shares(Timestamp now, const SloPolicy& policy, std::vector<SloEvent>& out);
  std::optional<BudgetGone> gone(Timestamp now, const SloPolicy& policy, const SloStanding& standing) const;

  SlotCounts fine_{kResolution};
  SlotCounts hourly_{std::chrono::hours(1)};
  SlotCounts daily_{std::chrono::days(1)};
  Timestamp since_ = kMinTimestamp;  ///< of the first charge; kMinTimestamp: none yet
  std::vector<BurnRule> burning_;    ///< those that do
  Severity severity_ = Severity::ticket;
  Timestamp starts_at_{};  ///< of the alert that is or was last open
  Timestamp ended_at_ = kMinTimestamp;
  std::vector<uint32_t> told_;  ///< permille of shares that need not be told any more
  std::vector<Firing> firing_;
};

}  // namespace tidewatch
