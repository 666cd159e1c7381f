#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "app/gen/conditions.h"

namespace tidewatch::gen {

/// A kind of incident: what it does, where it happens and what it moves. Scenarios place it in time.
struct IncidentType {
  std::string_view scenario;
  std::string_view kind;
  std::string_view service;
  std::string_view endpoint;  ///< empty: all of the service
  double hours;               ///< usual duration
  bool is_canary;
  bool expect_alert;
  std::vector<std::string_view> measures;
  std::string_view why;
  void (*apply)(Conditions&, double progress);
};

/// The incidents that must be found, then the events that must not alert.
const std::vector<IncidentType>& incident_types();
/// The type of a name; pre: it exists.
const IncidentType& incident_type(std::string_view scenario);

}  // namespace tidewatch::gen
