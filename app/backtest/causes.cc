#include "app/backtest/causes.h"

#include <fmt/format.h>

#include <set>

#include "app/backtest/estimate.h"
#include "app/terminal_text.h"
#include "detectors/decide/cause/cause.h"

namespace tidewatch {
namespace {

/// Kinds of labels that are causes; any other word of a person's labels is left out of the score.
bool is_kind(const std::string& kind) {
  if (kind == "cost") return true;
  for (size_t i = 0; i < kCauseKinds; ++i)
    if (kind == name_of(static_cast<CauseKind>(i))) return true;
  return false;
}

constexpr std::string_view kUnknown = "unknown";

std::string share(std::string_view of, size_t part, size_t whole) {
  const Estimate estimate = estimate_share(part, whole);
  return fmt::format("{} of {} {} ({:.0f} %; 95 % interval {:.0f}-{:.0f} %)", part, whole, of, 100 * estimate.value,
                     100 * estimate.low, 100 * estimate.high);
}

nlohmann::json json_share(size_t part, size_t whole) {
  const Estimate estimate = estimate_share(part, whole);
  return {{"right", part}, {"of", whole}, {"share", estimate.value}, {"low", estimate.low}, {"high", estimate.high}};
}

}  // namespace

const v1::AlertCause* named_cause(const IncidentFound& incident) {
  const v1::AlertCause* out = nullptr;
  for (const v1::Alert* alert : incident.fired) {
    if (!alert->has_cause()) continue;
    const v1::AlertCause& cause = alert->cause();
    const bool is_named = cause.kind() != kUnknown;
    const bool was_named = out != nullptr && out->kind() != kUnknown;
    if (out == nullptr || (is_named && (!was_named || cause.confidence() > out->confidence()))) out = &cause;
  }
  return out;
}

bool is_cause_of(const std::string& kind, const std::string& named) {
  return kind == named || (kind == "cost" && named == "service");
}

void CauseScore::add(const IncidentFound& incident) {
  if (!incident.label.is_alert_expected || !is_kind(incident.label.kind)) return;
  const v1::AlertCause* named = named_cause(incident);
  if (named == nullptr) return;
  ++confusion_[incident.label.kind][named->kind()];
  if (incident.first->has_cause()) {
    ++firsts_;
    if (is_cause_of(incident.label.kind, incident.first->cause().kind())) ++right_firsts_;
  }
  for (const v1::Alert* alert : incident.fired) {
    if (!alert->has_cause()) continue;
    ++alerts_;
    if (is_cause_of(incident.label.kind, alert->cause().kind())) ++right_alerts_;
    if (alert->cause().kind() == kUnknown) ++unknown_alerts_;
  }
}

void CauseScore::add(const CauseScore& other) {
  for (const auto& [kind, row] : other.confusion_)
    for (const auto& [named, count] : row) confusion_[kind][named] += count;
  firsts_ += other.firsts_;
  right_firsts_ += other.right_firsts_;
  alerts_ += other.alerts_;
  right_alerts_ += other.right_alerts_;
  unknown_alerts_ += other.unknown_alerts_;
}

size_t CauseScore::incidents() const {
  size_t out = 0;
  for (const auto& [kind, row] : confusion_)
    for (const auto& [named, count] : row) out += count;
  return out;
}

size_t CauseScore::right() const {
  size_t out = 0;
  for (const auto& [kind, row] : confusion_)
    for (const auto& [named, count] : row) out += is_cause_of(kind, named) ? count : 0;
  return out;
}

size_t CauseScore::unknown() const {
  size_t out = 0;
  for (const auto& [kind, row] : confusion_)
    if (const auto found = row.find(std::string(kUnknown)); found != row.end()) out += found->second;
  return out;
}

CauseScore score_causes(const Assessment& assessment) {
  CauseScore out;
  for (const IncidentFound& incident : assessment.incidents) out.add(incident);
  return out;
}

nlohmann::json to_json(const CauseScore& score) {
  nlohmann::json out;
  out["incidents"] = json_share(score.right(), score.incidents());
  out["incidents"]["unknown"] = score.unknown();
  out["first_alerts"] = json_share(score.right_firsts(), score.firsts());
  out["alerts"] = json_share(score.right_alerts(), score.alerts());
  out["alerts"]["unknown"] = score.unknown_alerts();
  out["confusion"] = score.confusion();
  return out;
}

std::string to_table(const CauseScore& score) {
  if (score.incidents() == 0) return {};
  std::set<std::string> names;
  for (const auto& [kind, row] : score.confusion())
    for (const auto& [named, count] : row) names.insert(named);
  std::string out = fmt::format("likeliest cause right in {}, unknown in {}\n",
                                share("incidents", score.right(), score.incidents()), score.unknown());
  out += fmt::format("likeliest cause right in {}\n", share("first alerts", score.right_firsts(), score.firsts()));
  out += fmt::format("likeliest cause right in {}, unknown in {}\n",
                     share("alerts", score.right_alerts(), score.alerts()), score.unknown_alerts());
  out += fmt::format("{:<12}", "label");
  for (const auto& name : names) out += fmt::format(" {:>9}", name);
  out += '\n';
  for (const auto& [kind, row] : score.confusion()) {
    out += fmt::format("{:<12}", one_line(kind));
    for (const auto& name : names) {
      const auto found = row.find(name);
      out += fmt::format(" {:>9}", found == row.end() ? 0 : found->second);
    }
    out += '\n';
  }
  return out;
}

}  // namespace tidewatch
