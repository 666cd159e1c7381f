#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/backtest/assessment.h"

namespace tidewatch {

/// What the alerts of one rule (or of one detector, with all its rules) are worth.
struct AlertScore {
  std::string name;
  size_t alerts = 0;             ///< that fired
  size_t false_alerts = 0;       ///< of them
  size_t false_incidents = 0;    ///< false alarms: different incident ids among them
  size_t found = 0;              ///< expected incidents with an alert of it
  size_t found_first = 0;        ///< in which its alert was the earliest (or as early as it)
  size_t found_alone = 0;        ///< which nothing else found: what would be lost without it
  std::vector<Duration> delays;  ///< until its own first alert in each of them, ascending

  double precision() const;  ///< of its alerts; 1 without any
};

/// How incidents of one kind were found.
struct KindScore {
  std::string name;
  size_t expected = 0;  ///< incidents that should alert
  size_t found = 0;
  size_t alerts = 0;             ///< in those that were found
  size_t benign = 0;             ///< events that must not alert
  size_t benign_alerted = 0;     ///< of them
  std::vector<Duration> delays;  ///< ascending

  size_t extra_alerts() const { return alerts - found; }  ///< beyond one for each incident found
};

struct Scorecard {
  std::vector<AlertScore> rules;      ///< that fired, by name
  std::vector<AlertScore> detectors;  ///< the same by detector
  std::vector<KindScore> kinds;       ///< of labels, by name
  std::vector<Duration> delays;       ///< of all incidents that were found, ascending
  size_t expected = 0;
  Duration judged{};
};

Scorecard score(const Assessment& assessment);

/// The smallest delay that at least `share` of them do not exceed. Pre: not empty, ascending.
Duration delay_quantile(const std::vector<Duration>& delays, double share);

/// Adds by_rule, by_detector, by_kind and delays to a report.
void add_json(const Scorecard& card, nlohmann::json& out);
std::string to_table(const Scorecard& card);

}  // namespace tidewatch
