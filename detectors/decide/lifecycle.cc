#include "detectors/decide/lifecycle.h"

#include <algorithm>
#include <cmath>

#include "detectors/decide/ids.h"

namespace tidewatch {
namespace {

constexpr uint8_t kVersion = 1;
// Each reopening doubles the calm that is asked for, at most three times.
constexpr uint32_t kMaxDoublings = 3;
// An alert ends only well below what started it, or it would flicker at the limit.
constexpr double kCalmShare = 0.5;

bool reaches(const Verdict& verdict, const AlertNeeds& needs, double share) {
  return verdict.surprise >= share * needs.surprise && std::abs(verdict.effect) >= share * needs.effect &&
         std::abs(verdict.effect_absolute) >= share * needs.effect_absolute;
}

Timestamp from_nanoseconds(int64_t value) { return Timestamp(Duration(value)); }
int64_t nanoseconds(Timestamp time) { return time.time_since_epoch().count(); }

}  // namespace

AlertLifecycle::Reading AlertLifecycle::read(const AlertRule& rule, const Verdict& verdict, bool is_suppressed) {
  if (is_suppressed || verdict.judgement != Judgement::scored) return Reading::missing;
  if (reaches(verdict, rule.needs, 1.0)) return Reading::over;
  return reaches(verdict, rule.needs, kCalmShare) ? Reading::between : Reading::calm;
}

Transition AlertLifecycle::describe(const AlertRule& rule, std::string_view entity_key, Transition::Kind kind,
                                    Timestamp end) const {
  Transition out;
  out.kind = kind;
  out.id = id(rule, entity_key);
  out.severity = severity_;
  out.starts_at = starts_at_;
  out.observed_at = end;
  out.peak = peak_;
  return out;
}

std::string AlertLifecycle::id(const AlertRule& rule, std::string_view entity_key) const {
  return alert_id(rule.name, entity_key, starts_at_);
}

void AlertLifecycle::note_peak(const AlertRule& rule, const Verdict& verdict) {
  if (verdict.surprise >= peak_.surprise)
    peak_ = {verdict.direction, verdict.surprise, verdict.effect, verdict.value, verdict.expected};
  severity_ = std::max(severity_, severity_of(rule.severity, verdict));
}

std::optional<Transition> AlertLifecycle::fire(const AlertRule& rule, std::string_view entity_key, Timestamp end) {
  const bool reopened = has_ended_ && quiet_ <= rule.flap_windows;
  if (reopened) {
    flaps_ = std::min(flaps_ + 1, kMaxDoublings);
  } else {
    starts_at_ = pending_since_;
    flaps_ = 0;
  }
  phase_ = Phase::firing;
  has_ended_ = false;
  calm_ = missing_ = 0;
  last_over_ = end;
  Transition out = describe(rule, entity_key, Transition::Kind::fired, end);
  out.is_reopened = reopened;
  return out;
}

std::optional<Transition> AlertLifecycle::uphold(const AlertRule& rule, std::string_view entity_key, Timestamp end,
                                                 Reading reading, const Verdict& verdict) {
  missing_ = reading == Reading::missing ? missing_ + 1 : 0;
  if (reading == Reading::over || reading == Reading::between) {
    calm_ = 0;
    last_over_ = end;
  }
  if (reading == Reading::over) {
    const Severity before = severity_;
    note_peak(rule, verdict);
    if (severity_ > before) return describe(rule, entity_key, Transition::Kind::escalated, end);
    return std::nullopt;
  }
  if (reading == Reading::calm) ++calm_;
  const bool is_without_data = missing_ >= std::max(1U, rule.resolve_missing_after);
  if (calm_ < std::max(1U, rule.resolve_after) << flaps_ && !is_without_data) return std::nullopt;
  phase_ = Phase::quiet;
  has_ended_ = true;
  quiet_ = 0;
  Transition out = describe(rule, entity_key, Transition::Kind::resolved, end);
  out.ends_at = last_over_;
  out.is_without_data = is_without_data;
  return out;
}

std::optional<Transition> AlertLifecycle::step(const AlertRule& rule, std::string_view entity_key, Timestamp start,
                                               Duration width, const Verdict& verdict, bool is_suppressed) {
  const Reading reading = read(rule, verdict, is_suppressed);
  is_suppressed_ = is_suppressed;
  is_anomalous_ = reading == Reading::over || (reading == Reading::between && phase_ == Phase::firing);
  const Timestamp end = start + width;
  if (phase_ == Phase::firing) return uphold(rule, entity_key, end, reading, verdict);

  if (has_ended_ && ++quiet_ > rule.flap_windows) {
    has_ended_ = false;
    flaps_ = 0;
  }
  if (reading == Reading::missing) return std::nullopt;
  if (reading != Reading::over) {
    phase_ = Phase::quiet;
    streak_ = 0;
    return std::nullopt;
  }
  if (phase_ == Phase::quiet) {
    phase_ = Phase::pending;
    streak_ = 0;
    pending_since_ = start - verdict.since_windows * width;
    if (!has_ended_) {
      peak_ = {};
      severity_ = Severity::ticket;
    }
  }
  note_peak(rule, verdict);
  if (++streak_ < std::max(1U, rule.for_windows)) return std::nullopt;
  return fire(rule, entity_key, end);
}

std::optional<Transition> AlertLifecycle::retire(std::string_view rule_name, std::string_view entity_key,
                                                 Timestamp end) {
  const bool was_firing = is_firing();
  AlertRule rule;
  rule.name = rule_name;
  Transition out = describe(rule, entity_key, Transition::Kind::resolved, end);
  out.ends_at = last_over_;
  out.is_rule_gone = true;
  *this = AlertLifecycle();
  return was_firing ? std::optional(std::move(out)) : std::nullopt;
}

bool AlertLifecycle::is_idle() const { return phase_ == Phase::quiet && !has_ended_; }

void AlertLifecycle::save(ByteWriter& out) const {
  out.put(kVersion);
  out.put(static_cast<uint8_t>(phase_));
  out.put(static_cast<uint8_t>(severity_));
  out.put(static_cast<uint8_t>(is_anomalous_ | is_suppressed_ << 1 | has_ended_ << 2));
  for (const uint32_t value : {streak_, calm_, missing_, quiet_, flaps_}) out.put(value);
  for (const Timestamp time : {pending_since_, starts_at_, last_over_}) out.put(nanoseconds(time));
  out.put(static_cast<uint8_t>(peak_.direction));
  for (const double value : {peak_.surprise, peak_.effect, peak_.value, peak_.expected}) out.put(value);
}

Status AlertLifecycle::load(ByteReader& in) {
  if (in.get<uint8_t>() != kVersion) return Error{"unknown_version", "alert: not a version this build can read"};
  const auto phase = in.get<uint8_t>();
  const auto severity = in.get<uint8_t>();
  const auto flags = in.get<uint8_t>();
  for (uint32_t* value : {&streak_, &calm_, &missing_, &quiet_, &flaps_}) *value = in.get<uint32_t>();
  for (Timestamp* time : {&pending_since_, &starts_at_, &last_over_}) *time = from_nanoseconds(in.get<int64_t>());
  const auto direction = in.get<uint8_t>();
  for (double* value : {&peak_.surprise, &peak_.effect, &peak_.value, &peak_.expected}) *value = in.get<double>();
  if (!in.ok() || phase > 2 || severity > 1 || flags > 7 || direction > 2 || flaps_ > kMaxDoublings) {
    *this = AlertLifecycle();
    return Error{"corrupt", "alert: its state is cut off or out of range"};
  }
  phase_ = static_cast<Phase>(phase);
  severity_ = static_cast<Severity>(severity);
  is_anomalous_ = (flags & 1) != 0;
  is_suppressed_ = (flags & 2) != 0;
  has_ended_ = (flags & 4) != 0;
  peak_.direction = static_cast<Direction>(direction);
  return ok_status();
}

}  // namespace tidewatch
