#include "stream/alert/inhibition.h"

#include <fmt/format.h>

#include <algorithm>

namespace tidewatch {
namespace {

bool agree(const v1::Alert& a, const v1::Alert& b, const std::vector<std::string>& names) {
  return std::all_of(names.begin(), names.end(),
                     [&](const auto& name) { return matched_value(a, name) == matched_value(b, name); });
}

}  // namespace

std::vector<v1::AlertSuppression> inhibiting(const v1::Alert& alert, const std::vector<const v1::Alert*>& firing,
                                             const std::vector<InhibitRule>& rules) {
  std::vector<v1::AlertSuppression> out;
  for (const InhibitRule& rule : rules) {
    if (!fit(rule.target, alert)) continue;
    const bool is_source_too = fit(rule.source, alert);
    const auto source = std::find_if(firing.begin(), firing.end(), [&](const v1::Alert* other) {
      return other->id() != alert.id() && fit(rule.source, *other) && agree(*other, alert, rule.equal) &&
             !(is_source_too && fit(rule.target, *other));
    });
    if (source == firing.end()) continue;
    auto& added = out.emplace_back();
    added.set_kind("inhibition");
    added.set_id((*source)->id());
    added.set_why(fmt::format("{} ({}) stands for it", (*source)->measure(), (*source)->severity()));
  }
  return out;
}

}  // namespace tidewatch
