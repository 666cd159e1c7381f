#include "detectors/decide/incident/incident_book.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "detectors/decide/ids.h"

namespace tidewatch {
namespace {

/// How an alert belongs to another: the lower the nearer.
enum class Kinship : uint8_t { same_place, same_service, shared_cause, none };

Duration apart(Timestamp a, Timestamp b) { return a > b ? a - b : b - a; }

bool is_shared_cause(std::string_view cause) { return cause == "provider" || cause == "model"; }

const std::string* value_of(const Scope& scope, std::string_view label) {
  const auto found = scope.find(label);
  return found == scope.end() ? nullptr : &found->second;
}

/// Whether a label that services share has one value in both; nullopt: it is named in one of them at most.
std::optional<bool> agrees(const Scope& a, const Scope& b, std::string_view label) {
  const std::string* in_a = value_of(a, label);
  const std::string* in_b = value_of(b, label);
  if (in_a == nullptr || in_b == nullptr) return std::nullopt;
  return *in_a == *in_b;
}

bool have_shared_cause(const IncidentAlert& alert, const Incident::Member& member, const IncidentOptions& options) {
  if (!is_shared_cause(alert.cause) || alert.cause != member.cause) return false;
  bool is_named = false;
  for (const auto& label : options.shared)
    if (const auto same = agrees(alert.scope, member.scope, label)) {
      if (!*same) return false;
      is_named = true;
    }
  return is_named || alert.cause == "provider";
}

Kinship kinship(const IncidentAlert& alert, const Incident::Member& member, const IncidentOptions& options) {
  if (alert.is_of_budget != member.is_of_budget) return Kinship::none;
  const std::string* service = value_of(alert.scope, "service");
  const std::string* other = value_of(member.scope, "service");
  const bool is_same_service =
      service != nullptr && other != nullptr ? *service == *other : alert.scope == member.scope;
  const Duration distance = apart(alert.starts_at, member.starts_at);
  if (is_same_service && are_compatible(alert.scope, member.scope) && distance <= options.same_place)
    return Kinship::same_place;
  if (distance > options.near) return Kinship::none;
  if (is_same_service) return Kinship::same_service;
  return have_shared_cause(alert, member, options) ? Kinship::shared_cause : Kinship::none;
}

}  // namespace

Scope Incident::scope() const {
  std::vector<const Scope*> narrowest;
  for (const auto& [alert, member] : members) {
    const bool is_wider = std::any_of(members.begin(), members.end(), [&member = member](const auto& other) {
      return encloses(member.scope, other.second.scope);
    });
    if (!is_wider) narrowest.push_back(&member.scope);
  }
  return common_scope(narrowest);
}

Severity Incident::severity() const {
  Severity out = Severity::ticket;
  for (const auto& [alert, member] : members) out = std::max(out, member.severity);
  return out;
}

size_t Incident::open_members() const {
  return static_cast<size_t>(
      std::count_if(members.begin(), members.end(), [](const auto& member) { return !member.second.resolved_at; }));
}

Timestamp Incident::starts_at() const {
  Timestamp out = kMaxTimestamp;
  for (const auto& [alert, member] : members) out = std::min(out, member.starts_at);
  return out;
}

std::optional<Timestamp> Incident::ended_at() const {
  Timestamp out = kMinTimestamp;
  for (const auto& [alert, member] : members) {
    if (!member.resolved_at) return std::nullopt;
    out = std::max(out, *member.resolved_at);
  }
  return out;
}

std::string Incident::leading() const {
  const Scope whom = scope();
  const auto rank = [&](const auto& entry) {
    const Member& member = entry.second;
    return std::tuple(member.severity, member.scope == whom, member.surprise);
  };
  const auto best =
      std::max_element(members.begin(), members.end(), [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  return best == members.end() ? std::string() : best->first;
}

const Incident* IncidentBook::nearest(const IncidentAlert& alert) const {
  const Incident* best = nullptr;
  std::tuple<Kinship, Duration, std::string_view> least{Kinship::none, Duration::zero(), ""};
  for (const auto& [id, incident] : incidents_) {
    const auto ended = incident.ended_at();
    if (ended && alert.starts_at > *ended + options_.reopen) continue;
    for (const auto& [member_id, member] : incident.members) {
      const Kinship how = kinship(alert, member, options_);
      if (how == Kinship::none) continue;
      const std::tuple<Kinship, Duration, std::string_view> here{how, apart(alert.starts_at, member.starts_at), id};
      if (best != nullptr && here >= least) continue;
      least = here;
      best = &incident;
    }
  }
  return best;
}

Incident::Member& IncidentBook::member_of(const std::string& incident, const IncidentAlert& alert) {
  Incident& in = incidents_[incident];
  in.id = incident;
  incident_of_[alert.id] = incident;
  Incident::Member& member = in.members[alert.id];
  member.scope = alert.scope;
  member.severity = alert.severity;
  member.starts_at = alert.starts_at;
  member.surprise = alert.surprise;
  member.cause = alert.cause;
  member.is_of_budget = alert.is_of_budget;
  return member;
}

std::string IncidentBook::place(const IncidentAlert& alert) const {
  if (const auto known = incident_of_.find(alert.id); known != incident_of_.end()) return known->second;
  const Incident* near = nearest(alert);
  return near != nullptr ? near->id : incident_id(alert.id);
}

const Incident& IncidentBook::add(const IncidentAlert& alert) {
  const std::string id = place(alert);
  member_of(id, alert).resolved_at.reset();
  return incidents_.find(id)->second;
}

void IncidentBook::restore(const IncidentAlert& alert, std::string_view incident,
                           std::optional<Timestamp> resolved_at) {
  member_of(std::string(incident), alert).resolved_at = resolved_at;
}

const Incident* IncidentBook::resolve(const IncidentAlert& alert, Timestamp at) {
  const auto known = incident_of_.find(alert.id);
  if (known == incident_of_.end()) return nullptr;
  const std::string id = known->second;
  member_of(id, alert).resolved_at = at;
  return find(id);
}

std::vector<std::string> IncidentBook::forget(Timestamp now) {
  std::vector<std::string> out;
  std::erase_if(incidents_, [&](const auto& entry) {
    const auto ended = entry.second.ended_at();
    if (!ended || now - *ended <= options_.reopen) return false;
    for (const auto& [alert, member] : entry.second.members) {
      incident_of_.erase(alert);
      out.push_back(alert);
    }
    return true;
  });
  return out;
}

const Incident* IncidentBook::find(std::string_view incident_id) const {
  const auto found = incidents_.find(incident_id);
  return found == incidents_.end() ? nullptr : &found->second;
}

const Incident* IncidentBook::of_alert(std::string_view alert_id) const {
  const auto found = incident_of_.find(alert_id);
  return found == incident_of_.end() ? nullptr : find(found->second);
}

}  // namespace tidewatch
