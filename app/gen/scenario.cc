#include "app/gen/scenario.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "app/gen/incidents.h"
#include "detectors/core/params.h"
#include "stream/publish/timestamps.h"

namespace tidewatch::gen {
namespace {

using std::chrono::minutes;

/// An incident type at hours after the start of the judged period.
struct Placed {
  std::string_view scenario;
  double at_hours;
  double for_hours;  ///< 0: as long as the type says
};

/// 24 hours with ten incidents and two events that must not alert; no two incidents share an endpoint and time.
constexpr Placed kDemoDay[] = {
    {"outage", 1.5, 0},          {"model-update", 3.5, 0}, {"provider-slow", 6.5, 0}, {"data-drift", 8.5, 0},
    {"both-slightly-up", 10, 0}, {"launch", 11.5, 8},      {"prompt-change", 13, 0},  {"cost-spike", 15.5, 0},
    {"burst", 16.75, 0},         {"bad-canary", 18, 0},    {"telemetry-gap", 22, 0},  {"user-shift", 22, 2},
};
/// A Monday to Sunday in which nothing is wrong.
constexpr Placed kQuietWeek[] = {
    {"launch", 33, 12}, {"harmless-prompt", 56, 112}, {"burst", 82, 0}, {"weekend", 120, 48}};

Timestamp minute_of(Timestamp start, double at_hours) {
  return start + minutes(static_cast<int64_t>(std::llround(at_hours * 60)));
}

/// The whole remaining time for what lasts longer than its scenario.
Incident place(const Placed& placed, const Scenario& in, double stretch, int number) {
  const IncidentType& type = incident_type(placed.scenario);
  const double length = placed.for_hours > 0 ? placed.for_hours : type.hours;
  Incident out;
  out.id = fmt::format("{}-{}", type.scenario, number);
  out.kind = type.kind;
  out.scenario = type.scenario;
  out.starts_at = minute_of(in.start, placed.at_hours * stretch);
  out.ends_at = std::min(in.end, minute_of(in.start, (placed.at_hours + length) * stretch));
  out.service = type.service;
  out.endpoint = type.endpoint;
  out.is_canary = type.is_canary;
  out.measures.assign(type.measures.begin(), type.measures.end());
  out.expect_alert = type.expect_alert;
  out.why = type.why;
  out.apply = type.apply;
  return out;
}

bool is_scenario(std::string_view name) {
  const auto names = scenario_names();
  return std::find(names.begin(), names.end(), name) != names.end();
}

Error unknown(std::string_view name) {
  const auto near = nearest_name(name, scenario_names());
  std::string message = fmt::format("unknown scenario \"{}\"", name);
  if (near.empty()) {
    message += fmt::format("; there are: {}", fmt::join(scenario_names(), ", "));
  } else {
    message += fmt::format("; did you mean \"{}\"?", near);
  }
  return {"unknown_scenario", message};
}

struct Periods {
  double hours;
  double history;
};
Periods usual_periods(std::string_view scenario) {
  if (scenario == "quiet-week") return {168, 168};
  if (scenario == "slow-decline") return {120, 72};
  return {24, 72};
}

}  // namespace

std::vector<std::string_view> scenario_names() {
  std::vector<std::string_view> out = {"demo-day"};
  for (const auto& type : incident_types()) {
    if (type.expect_alert) out.push_back(type.scenario);
  }
  out.emplace_back("quiet-week");
  return out;
}

Result<Scenario> build_scenario(const GenOptions& options) {
  if (!is_scenario(options.scenario)) return unknown(options.scenario);
  const Periods usual = usual_periods(options.scenario);
  const Periods asked{options.hours.value_or(usual.hours), options.history.value_or(usual.history)};
  constexpr double kMaxHours = 24.0 * 366;
  if (!(asked.hours >= 1 && asked.hours <= kMaxHours))
    return Error{"bad_option", fmt::format("hours must be 1 to {}, not {}", kMaxHours, asked.hours)};
  if (!(asked.history >= 0 && asked.history <= kMaxHours))
    return Error{"bad_option", fmt::format("history must be 0 to {} hours, not {}", kMaxHours, asked.history)};
  if (!(options.tail >= 0 && options.tail <= kMaxHours))
    return Error{"bad_option", fmt::format("tail must be 0 to {} hours, not {}", kMaxHours, options.tail)};
  if (!(options.rate > 0 && options.rate <= 1e6))
    return Error{"bad_option",
                 fmt::format("rate must be above 0 and at most 1000000 requests per minute, not {}", options.rate)};
  if (!(options.disorder >= 0 && options.disorder <= 1))
    return Error{"bad_option", fmt::format("disorder must be a share from 0 to 1, not {}", options.disorder)};

  using namespace std::chrono_literals;
  const bool is_quiet_week = options.scenario == "quiet-week";
  const std::chrono::sys_days usual_start = 2026y / 3 / (is_quiet_week ? 9d : 5d);
  Scenario out{.name = options.scenario,
               .history_start = {},
               .start = options.start.value_or(usual_start),
               .end = {},
               .traffic_end = {},
               .incidents = {}};
  out.history_start = minute_of(out.start, -asked.history);
  out.end = minute_of(out.start, asked.hours);
  out.traffic_end = minute_of(out.end, options.tail);

  const auto place_all = [&](std::span<const Placed> all) {
    for (const Placed& placed : all) out.incidents.push_back(place(placed, out, asked.hours / usual.hours, 1));
  };
  if (options.scenario == "demo-day") {
    place_all(kDemoDay);
  } else if (is_quiet_week) {
    place_all(kQuietWeek);
  } else {
    const double length = std::min(incident_type(options.scenario).hours, usual.hours);
    const Placed only[] = {{options.scenario, length < usual.hours ? 0.4 * usual.hours : 0, length}};
    place_all(only);
  }
  return out;
}

Conditions Scenario::conditions(std::string_view service, std::string_view endpoint, Timestamp at,
                                bool is_canary) const {
  constexpr double kCanaryShare = 0.1;
  Conditions out;
  for (const Incident& incident : incidents) {
    if (!incident.affects(service, endpoint, at)) continue;
    if (incident.is_canary) out.canary_share = kCanaryShare;
    if (incident.is_canary && !is_canary) continue;
    incident.apply(out, to_seconds(at - incident.starts_at) / to_seconds(incident.ends_at - incident.starts_at));
  }
  return out;
}

std::string label_line(const Incident& incident) {
  nlohmann::ordered_json labels = nlohmann::ordered_json::object();
  if (!incident.service.empty()) labels["service"] = incident.service;
  if (!incident.endpoint.empty()) labels["endpoint"] = incident.endpoint;
  if (incident.is_canary) labels["variant"] = "canary";
  const nlohmann::ordered_json line = {{"incident", incident.id},
                                       {"kind", incident.kind},
                                       {"scenario", incident.scenario},
                                       {"starts_at", rfc3339(incident.starts_at)},
                                       {"ends_at", rfc3339(incident.ends_at)},
                                       {"labels", labels},
                                       {"measures", incident.measures},
                                       {"expect_alert", incident.expect_alert},
                                       {"why", incident.why}};
  return line.dump();
}

}  // namespace tidewatch::gen
