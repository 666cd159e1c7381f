#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "detectors/core/bytes.h"
#include "detectors/core/result.h"
#include "detectors/core/time.h"
#include "detectors/core/verdict.h"
#include "detectors/decide/severity.h"

namespace tidewatch {

/// When verdicts become an alert, and when it ends.
struct AlertRule {
  std::string name;                     ///< of the detector in the config: part of the alert's id
  AlertNeeds needs;                     ///< what Detector::alert_needs() (detect) made of budget and min_effect
  uint32_t for_windows = 1;             ///< in a row before it fires
  uint32_t resolve_after = 3;           ///< calm windows in a row before it ends
  uint32_t resolve_missing_after = 36;  ///< windows without data after which an alert can no longer be upheld
  uint32_t flap_windows = 12;           ///< firing again this soon reopens the same alert, and calm must last longer
  SeverityPolicy severity;
};

/// The most surprising window of an alert so far.
struct AlertPeak {
  Direction direction = Direction::either;
  double surprise = 0;
  double effect = 0;
  double value = 0;
  double expected = 0;
};

/// A change worth publishing.
struct Transition {
  enum class Kind : uint8_t { fired, escalated, resolved };
  Kind kind = Kind::fired;
  bool is_reopened = false;      ///< fired again within flap_windows: the id is that of the alert it continues
  bool is_without_data = false;  ///< resolved because data stopped, not because it is good again
  bool is_rule_gone = false;     ///< resolved because its rule was removed or changed: nobody judges it any more
  std::string id;                ///< alert_id()
  Severity severity = Severity::ticket;
  Timestamp starts_at{};    ///< start of the first window that deviated
  Timestamp observed_at{};  ///< end of the window that decided
  Timestamp ends_at{};      ///< resolved: end of the last window that was not calm
  AlertPeak peak;
};

/// Lifecycle of the alert of one rule on one entity: quiet → pending → firing → quiet. A pure state machine: what it
/// returns depends on the calls made to it, so a restored one neither repeats nor forgets an alert.
class AlertLifecycle {
 public:
  /// One window, in order. `is_suppressed`: another detector says this window cannot be judged (telemetry is missing);
  /// then, as without data, a pending alert waits and a firing one stays.
  std::optional<Transition> step(const AlertRule& rule, std::string_view entity_key, Timestamp start, Duration width,
                                 const Verdict& verdict, bool is_suppressed = false);

  /// The rule is gone at `end`: a firing alert is resolved, once, and can not be reopened.
  std::optional<Transition> retire(std::string_view rule_name, std::string_view entity_key, Timestamp end);

  /// How the window given to the last step() is to be learnt.
  Decision decision() const { return {is_anomalous_, is_suppressed_ ? 0.0 : 1.0, false}; }

  bool is_firing() const { return phase_ == Phase::firing; }
  const AlertPeak& peak() const { return peak_; }  ///< of the alert that is or was last open, or that is pending
  bool is_pending() const { return phase_ == Phase::pending; }
  bool is_idle() const;                                                      ///< nothing that would have to be saved
  std::string id(const AlertRule& rule, std::string_view entity_key) const;  ///< of the alert that is or was last open

  void save(ByteWriter& out) const;
  Status load(ByteReader& in);  ///< errors: `unknown_version`, `corrupt`

 private:
  enum class Phase : uint8_t { quiet, pending, firing };
  enum class Reading : uint8_t { over, between, calm, missing };
  static Reading read(const AlertRule& rule, const Verdict& verdict, bool is_suppressed);
  std::optional<Transition> fire(const AlertRule& rule, std::string_view entity_key, Timestamp end);
  std::optional<Transition> uphold(const AlertRule& rule, std::string_view entity_key, Timestamp end, Reading reading,
                                   const Verdict& verdict);
  Transition describe(const AlertRule& rule, std::string_view entity_key, Transition::Kind kind, Timestamp end) const;
  void note_peak(const AlertRule& rule, const Verdict& verdict);

  Phase phase_ = Phase::quiet;
  Severity severity_ = Severity::ticket;
  bool is_anomalous_ = false;
  bool is_suppressed_ = false;
  uint32_t streak_ = 0;     ///< windows over in a row while pending
  uint32_t calm_ = 0;       ///< calm windows in a row while firing
  uint32_t missing_ = 0;    ///< windows without data in a row while firing
  uint32_t quiet_ = 0;      ///< windows since it ended, up to flap_windows
  uint32_t flaps_ = 0;      ///< reopenings of this alert
  bool has_ended_ = false;  ///< an alert ended recently and may be reopened
  Timestamp pending_since_{};
  Timestamp starts_at_{};
  Timestamp last_over_{};  ///< end of the last window that was not calm
  AlertPeak peak_;
};

}  // namespace tidewatch
