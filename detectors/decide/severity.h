#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "detectors/core/result.h"
#include "detectors/core/verdict.h"

namespace tidewatch {

/// Ticket: in working hours. Page: now.
enum class Severity : uint8_t { ticket, page };
std::string_view name_of(Severity severity);
Result<Severity> parse_severity(std::string_view name);  ///< error: `bad_value`

/// What is at stake when a measure deviates; the caller derives it from the measure's class.
enum class Stakes : uint8_t {
  informative,  ///< behaviour: never pages by itself
  ordinary,     ///< quality, latency, cost, feedback
  high,         ///< errors, volume
  safety,       ///< unsafe output: pages at once
};

struct SeverityPolicy {
  Stakes stakes = Stakes::ordinary;
  Severity at_least = Severity::ticket;
  std::optional<double> page_above;  ///< |relative effect| that pages; empty: by stakes
};

/// Severity of a verdict that already merits an alert.
Severity severity_of(const SeverityPolicy& policy, const Verdict& verdict);

}  // namespace tidewatch
