#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/gen/conditions.h"
#include "detectors/core/result.h"
#include "detectors/core/time.h"

namespace tidewatch::gen {

/// What is to be simulated, as a user asks for it.
struct GenOptions {
  std::string scenario = "demo-day";
  std::optional<double> hours;    ///< judged period; empty: the scenario's own
  std::optional<double> history;  ///< hours of quiet traffic before it; empty: the scenario's own
  double tail = 0;                ///< hours of quiet traffic after it
  double rate = 15;               ///< mean requests per minute and service
  uint64_t seed = 1;
  std::optional<Timestamp> start;  ///< of the judged period; empty: Thursday 2026-03-05 (quiet-week: Monday 2026-03-09)
  double disorder = 0;             ///< share of batches that arrive late, and as large a share that arrive twice
};

/// Something that happens in the traffic, with its label.
struct Incident {
  std::string id;        ///< "model-update-1"
  std::string kind;      ///< cause: model, prompt, data, users, provider, service, telemetry, cost, rollout
  std::string scenario;  ///< "model-update"
  Timestamp starts_at;
  Timestamp ends_at;
  std::string service;                ///< empty: all
  std::string endpoint;               ///< empty: all of the service
  bool is_canary = false;             ///< only requests of the variant "canary" are affected
  std::vector<std::string> measures;  ///< that move, by their names in stream/window/measures.def
  bool expect_alert = true;
  std::string why;
  /// Changes the conditions at `progress` of the incident, 0 at its start and 1 at its end.
  std::function<void(Conditions&, double progress)> apply;

  bool affects(std::string_view of_service, std::string_view of_endpoint, Timestamp at) const {
    return at >= starts_at && at < ends_at && (service.empty() || service == of_service) &&
           (endpoint.empty() || endpoint == of_endpoint);
  }
};

/// A scenario laid out in time.
struct Scenario {
  std::string name;
  Timestamp history_start;  ///< first traffic
  Timestamp start;          ///< of the judged period
  Timestamp end;
  Timestamp traffic_end;  ///< last traffic
  std::vector<Incident> incidents;

  /// What holds for a request; `is_canary` requests also feel the incidents of the canary.
  Conditions conditions(std::string_view service, std::string_view endpoint, Timestamp at, bool is_canary) const;
};

/// Names of all scenarios, in the order of the manual.
std::vector<std::string_view> scenario_names();

/// Codes: `unknown_scenario` (names the nearest), `bad_option`.
Result<Scenario> build_scenario(const GenOptions& options);

/// One line of the labels file (docs/gen.md), without line feed.
std::string label_line(const Incident& incident);

}  // namespace tidewatch::gen
