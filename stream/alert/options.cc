#include "stream/alert/options.h"

#include "detectors/core/check.h"

namespace tidewatch {
namespace {

LabelMatcher made(std::string name, std::string op, std::string value) {
  auto out = LabelMatcher::make(std::move(name), std::move(op), std::move(value));
  TW_CHECK(out.ok(), "a matcher of the defaults is wrong");
  return std::move(out).value();
}

}  // namespace

std::vector<InhibitRule> default_inhibit_rules() {
  InhibitRule rule;
  rule.source = {made("severity", "=", "page"), made("cause", "=~", "provider|telemetry")};
  rule.target = {made("severity", "=", "ticket")};
  rule.equal = {"incident"};
  return {std::move(rule)};
}

}  // namespace tidewatch
