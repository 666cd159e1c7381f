#include "stream/alert/alert_matcher.h"

#include <algorithm>
#include <string>

namespace tidewatch {

std::string_view matched_value(const v1::Alert& alert, std::string_view name) {
  if (name == "measure") return alert.measure();
  if (name == "rule") return alert.rule();
  if (name == "kind") return alert.kind();
  if (name == "severity") return alert.severity();
  if (name == "cause") return alert.cause().kind();
  if (name == "alert_id") return alert.id();
  if (name == "incident") return alert.incident_id();
  const auto found = alert.labels().find(std::string(name));
  return found == alert.labels().end() ? std::string_view() : std::string_view(found->second);
}

bool fit(const std::vector<LabelMatcher>& matchers, const v1::Alert& alert) {
  return std::all_of(matchers.begin(), matchers.end(),
                     [&](const LabelMatcher& matcher) { return matcher.fits(matched_value(alert, matcher.name())); });
}

}  // namespace tidewatch
