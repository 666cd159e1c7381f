#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "app/backtest/assessment.h"

namespace tidewatch {

/// The cause that a person reads who looks at an incident: the most confident one that its alerts name; `unknown` where
/// none of them names one. Null without alerts.
const v1::AlertCause* named_cause(const IncidentFound& incident);

/// Whether a label's kind means a cause: itself, `service` also of a label `cost`, which says what moved and not why.
bool is_cause_of(const std::string& kind, const std::string& named);

/// How often the likeliest cause was the true one, over incidents that were found and over their alerts.
class CauseScore {
 public:
  /// Of an incident, and of each of its alerts that fired.
  void add(const IncidentFound& incident);
  void add(const CauseScore& other);

  size_t incidents() const;  ///< that were found and whose label has a kind that is a cause
  size_t right() const;      ///< of them
  size_t unknown() const;    ///< of them, without a cause that was named
  size_t alerts() const { return alerts_; }
  size_t firsts() const { return firsts_; }  ///< incidents by the first of their alerts
  size_t right_firsts() const { return right_firsts_; }
  size_t right_alerts() const { return right_alerts_; }
  size_t unknown_alerts() const { return unknown_alerts_; }
  /// Incidents by the kind of the label and the cause that was named.
  const std::map<std::string, std::map<std::string, size_t>>& confusion() const { return confusion_; }

 private:
  std::map<std::string, std::map<std::string, size_t>> confusion_;
  size_t firsts_ = 0;
  size_t right_firsts_ = 0;
  size_t alerts_ = 0;
  size_t right_alerts_ = 0;
  size_t unknown_alerts_ = 0;
};

CauseScore score_causes(const Assessment& assessment);

nlohmann::json to_json(const CauseScore& score);
/// Shares with their intervals, then labels against causes named; empty without incidents.
std::string to_table(const CauseScore& score);

}  // namespace tidewatch
