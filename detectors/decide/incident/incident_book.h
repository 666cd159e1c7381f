#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "detectors/core/time.h"
#include "detectors/decide/incident/scope.h"
#include "detectors/decide/severity.h"

namespace tidewatch {

/// What grouping has to know of an alert.
struct IncidentAlert {
  std::string id;
  Scope scope;
  Severity severity = Severity::ticket;
  Timestamp starts_at{};
  double surprise = 0;        ///< bits
  std::string cause;          ///< name of the likeliest CauseKind; empty or "unknown": none is named
  bool is_of_budget = false;  ///< stays open until a day or a month is over: never with others in an incident
};

struct IncidentOptions {
  Duration near = std::chrono::minutes(20);     ///< starts that are no further apart have one cause
  Duration same_place = std::chrono::hours(2);  ///< the same for alerts of the same or an enclosing entity
  Duration reopen = std::chrono::minutes(30);   ///< after its last alert an incident may go on
  /// Labels of what services share; where the likeliest cause lies there, alerts of several services are one incident.
  std::vector<std::string> shared = {"provider", "model"};
};

/// Alerts that belong together, each in exactly one incident.
struct Incident {
  struct Member {
    Scope scope;
    Severity severity = Severity::ticket;
    Timestamp starts_at{};
    double surprise = 0;
    std::string cause;
    bool is_of_budget = false;
    std::optional<Timestamp> resolved_at{};  ///< open: none
  };
  std::string id;
  std::map<std::string, Member> members;  ///< by alert id

  Timestamp starts_at() const;                ///< of the earliest member
  std::optional<Timestamp> ended_at() const;  ///< when its last open alert was resolved; none while one is open
  /// Whom it concerns: the labels that all of the most specific alerts have in common. An endpoint whose service
  /// alerts as well is named as the endpoint; a model that alerts on every endpoint as the model.
  Scope scope() const;
  Severity severity() const;  ///< the highest of its members
  std::string leading()
      const;  ///< id of the alert to read first: highest severity, nearest to scope(), most surprising
  size_t open_members() const;
};

/// Puts alerts into incidents as they come. Pure: what it answers depends on the calls made to it, so that a restored
/// one puts every alert where it was.
///
/// An alert joins the incident that it is nearest to:
/// 1. one with an alert of the same or an enclosing or enclosed entity (no label differs), begun within `same_place`;
/// 2. one with an alert of the same service whose other labels differ, begun within `near`;
/// 3. one of another service, begun within `near`, when both have the likeliest cause model or provider and one of
///    the `shared` labels in common, or the cause provider on both.
/// Alerts of budgets and others never share one: a month's budget would hold the incident open until the month is over.
/// Otherwise it begins one, whose id is made of the alert's. An incident never splits or merges: ids are links in
/// people's chats. Memory: the members of open incidents, and of those that ended within `reopen`.
class IncidentBook {
 public:
  explicit IncidentBook(IncidentOptions options = {}) : options_(std::move(options)) {}

  /// Id of the incident that an alert is in, or would be put into.
  std::string place(const IncidentAlert& alert) const;
  /// An alert fires, or changes while it does. The incident it is in.
  const Incident& add(const IncidentAlert& alert);
  /// It was resolved at `at`; its incident ends with its last open alert. Null: not known.
  const Incident* resolve(const IncidentAlert& alert, Timestamp at);
  /// Forgets incidents that ended more than `reopen` before `now`; the ids of their alerts.
  std::vector<std::string> forget(Timestamp now);

  const Incident* find(std::string_view incident_id) const;
  const Incident* of_alert(std::string_view alert_id) const;
  const std::map<std::string, Incident, std::less<>>& incidents() const { return incidents_; }

  /// Takes in what add() and resolve() had made of an alert before a restart.
  void restore(const IncidentAlert& alert, std::string_view incident, std::optional<Timestamp> resolved_at);

 private:
  Incident::Member& member_of(const std::string& incident, const IncidentAlert& alert);
  const Incident* nearest(const IncidentAlert& alert) const;

  IncidentOptions options_;
  std::map<std::string, Incident, std::less<>> incidents_;       ///< by id
  std::map<std::string, std::string, std::less<>> incident_of_;  ///< by alert id
};

}  // namespace tidewatch
