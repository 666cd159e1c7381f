#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/backtest/assessment.h"

namespace tidewatch {

/// What a labelled past must show for a backtest to be a success.
struct Requirements {
  std::optional<double> min_recall{};          ///< share of incidents found, [0, 1]
  std::optional<double> min_precision{};       ///< share of alerts that belong to an incident, [0, 1]
  std::optional<double> max_false_per_week{};  ///< false alarms
  std::optional<Duration> max_delay{};         ///< median until the first alert

  bool empty() const { return !min_recall && !min_precision && !max_false_per_week && !max_delay; }
};

/// One sentence for each requirement that is not met: "recall 78 % < 90 %".
std::vector<std::string> unmet(const Requirements& requirements, const Assessment& assessment);

}  // namespace tidewatch
