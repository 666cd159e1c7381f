#include "detectors/decide/severity.h"

#include <fmt/format.h>

#include <cmath>

namespace tidewatch {
namespace {

// A page interrupts a person: it must be as sure as one false one in 2^30 windows.
constexpr double kPageSurprise = 30;
// Twice the normal, or half of it.
constexpr double kPageRatioOrdinary = 2.0;
constexpr double kPageRatioHigh = 1.5;

/// How many times as high or as low: 2 for +100 % and for -50 %.
double ratio_of(double effect) {
  if (effect >= 0) return 1 + effect;
  return effect <= -1 ? 1e9 : 1 / (1 + effect);
}

}  // namespace

std::string_view name_of(Severity severity) { return severity == Severity::page ? "page" : "ticket"; }

Result<Severity> parse_severity(std::string_view name) {
  if (name == "ticket") return Severity::ticket;
  if (name == "page") return Severity::page;
  return Error{"bad_value", fmt::format("\"{}\" is not a severity; write ticket or page", name)};
}

Severity severity_of(const SeverityPolicy& policy, const Verdict& verdict) {
  if (policy.stakes == Stakes::safety || policy.at_least == Severity::page) return Severity::page;
  if (policy.page_above) return std::abs(verdict.effect) >= *policy.page_above ? Severity::page : Severity::ticket;
  if (policy.stakes == Stakes::informative || verdict.surprise < kPageSurprise) return Severity::ticket;
  const double needed = policy.stakes == Stakes::high ? kPageRatioHigh : kPageRatioOrdinary;
  return ratio_of(verdict.effect) >= needed ? Severity::page : Severity::ticket;
}

}  // namespace tidewatch
