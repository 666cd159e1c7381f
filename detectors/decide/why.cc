#include "detectors/decide/why.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "detectors/decide/time_to_limit.h"

namespace tidewatch {
namespace {

constexpr size_t kMostChanges = 3;
constexpr size_t kMostContributions = 3;

std::string quantity(const Occasion& of, double value) { return format_quantity(value, of.quantity, of.noun); }

Timestamp began(const Occasion& of, const Verdict& verdict) {
  return saturating_minus(of.start, verdict.since_windows * of.width);
}

/// "12.3 % of 412", "1.52 s (n = 412)", "41,200 tokens".
std::string value_with_size(const Occasion& of, const Verdict& verdict) {
  std::string value = quantity(of, verdict.value);
  if (!(of.n > 0) || of.quantity == Quantity::count) return value;
  const std::string n = format_quantity(std::round(of.n), Quantity::count);
  return of.quantity == Quantity::share ? fmt::format("{} of {}", value, n) : fmt::format("{} (n = {})", value, n);
}

/// "(expected 2.1 %, usual range 0.5-4.0 %)".
std::string expectation(const Occasion& of, const Verdict& verdict) {
  std::string out = "(expected " + quantity(of, verdict.expected);
  if (std::isfinite(verdict.expected_low) && std::isfinite(verdict.expected_high) &&
      verdict.expected_low < verdict.expected_high)
    out += ", usual range " + format_range(verdict.expected_low, verdict.expected_high, of.quantity, of.noun);
  return out + ")";
}

/// "(test set 2.1 %, tolerated range 0.5-4.0 %)".
std::string tested(const Occasion& of, const Verdict& verdict) {
  std::string out = "(test set " + quantity(of, verdict.expected);
  if (verdict.expected_low < verdict.expected_high)
    out += ", tolerated range " + format_range(verdict.expected_low, verdict.expected_high, of.quantity, of.noun);
  return out + ")";
}

std::string when(const Occasion& of, const Verdict& verdict) {
  const Timestamp end = of.start + of.width;
  if (verdict.since_windows == 0) return format_span(of.start, end);
  const Timestamp from = began(of, verdict);
  const bool other_day = std::chrono::floor<std::chrono::days>(from) != std::chrono::floor<std::chrono::days>(end);
  return "since " + format_time(from, other_day);
}

std::string deviation(const Occasion& of, const Verdict& verdict) {
  return fmt::format(
      "{} on {} {} {} {} {}: {}, {}.", of.measure, of.entity, verdict.since_windows > 0 ? "has been" : "is",
      value_with_size(of, verdict), expectation(of, verdict), when(of, verdict),
      format_change(verdict.effect, verdict.effect_absolute, of.quantity), format_surprise(verdict.surprise));
}

std::string unlike_the_test_set(const Occasion& of, const Verdict& verdict) {
  return fmt::format("{} on {} is not what the test set showed: {} {} {}: {}, {}.", of.measure, of.entity,
                     value_with_size(of, verdict), tested(of, verdict), when(of, verdict),
                     format_change(verdict.effect, verdict.effect_absolute, of.quantity),
                     format_surprise(verdict.surprise));
}

/// "(2.0 % of the other values of variant, by chance 0.0-5.9 %)"
std::string beside(const Occasion& of, const Verdict& verdict) {
  std::string out = fmt::format("(other values of {}: {}", of.siblings, quantity(of, verdict.expected));
  if (std::isfinite(verdict.expected_low) && std::isfinite(verdict.expected_high) &&
      verdict.expected_low < verdict.expected_high)
    out += ", by chance " + format_range(verdict.expected_low, verdict.expected_high, of.quantity, of.noun);
  return out + ")";
}

/// "refusal_rate on service=shop, endpoint=/chat, variant=canary has been 9.1 % (other values of variant: 2.0 %, by
/// chance 0.5-4.0 %) since 14:10 UTC: +7.1 percentage points (+355 %), a surprise of 25 bits ..."
std::string unlike_siblings(const Occasion& of, const Verdict& verdict) {
  return fmt::format("{} on {} {} {} {} {}: {}, {}.", of.measure, of.entity,
                     verdict.since_windows > 0 ? "has been" : "is", quantity(of, verdict.value), beside(of, verdict),
                     when(of, verdict), format_change(verdict.effect, verdict.effect_absolute, of.quantity),
                     format_surprise(verdict.surprise));
}

/// "positive_feedback on service=shop has fallen steadily from 85.0 % to 78.2 % since 2024-02-20: ..."
std::string movement(const Occasion& of, const Verdict& verdict) {
  return fmt::format("{} on {} has {} steadily from {} to {} {}: {}, {}.", of.measure, of.entity,
                     verdict.effect_absolute < 0 ? "fallen" : "risen", quantity(of, verdict.expected),
                     quantity(of, verdict.value), when(of, verdict),
                     format_change(verdict.effect, verdict.effect_absolute, of.quantity),
                     format_surprise(verdict.surprise));
}

/// "finish_reasons on service=shop: 12.3 % are of another kind than usual (expected 2.1 %) from ...: length 14.0 %
/// (usually 3.0 %), stop 84.0 % (usually 96.0 %); a surprise of 45 bits ..."; of a spread "answer_length on ...: 30.2 %
/// are of another size than usual (...) from ...: 700 to 1000 characters 34.0 % (usually 4.0 %), ..."
std::string other_composition(const Occasion& of, const Verdict& verdict) {
  const bool is_spread = of.pattern == Pattern::spread;
  const std::string unit = is_spread && !of.noun.empty() ? fmt::format(" {}", of.noun) : "";
  std::string out = fmt::format("{} on {}: {} are of another {} than usual (expected {} by chance) {}", of.measure,
                                of.entity, format_quantity(verdict.value, Quantity::share), is_spread ? "size" : "kind",
                                format_quantity(verdict.expected, Quantity::share), when(of, verdict));
  for (size_t i = 0; i < verdict.categories.size(); ++i) {
    const CategoryShift& category = verdict.categories[i];
    out += fmt::format("{}{}{} {} (usually {})", i == 0 ? ": " : ", ", category.name, unit,
                       format_quantity(category.share, Quantity::share),
                       format_quantity(category.expected, Quantity::share));
  }
  return fmt::format("{}; {}.", out, format_surprise(verdict.surprise));
}

std::string beyond_limit(const Occasion& of, const Verdict& verdict) {
  return fmt::format("{} on {} is {}, {} the limit of {}, {}: {}.", of.measure, of.entity, value_with_size(of, verdict),
                     verdict.direction == Direction::down ? "below" : "above", quantity(of, verdict.expected),
                     format_span(of.start, of.start + of.width),
                     format_change(verdict.effect, verdict.effect_absolute, of.quantity));
}

std::string silence(const Occasion& of, const Verdict& verdict) {
  const std::string what = verdict.value > 0 ? fmt::format("only {} {}", quantity(of, verdict.value), of.measure)
                                             : fmt::format("no {}", of.measure);
  return fmt::format("{}: {} {} {}; telemetry is missing or the traffic has stopped, {}.", of.entity, what,
                     expectation(of, verdict), when(of, verdict), format_surprise(verdict.surprise));
}

std::string_view name_of(const Occasion& of, size_t observation) {
  return observation < of.measures.size() ? of.measures[observation] : std::string_view("another measure");
}

/// "latency_p95 and requests on service=shop vary together otherwise than usual: their correlation has been 0.72
/// (expected 0.05, usual range -0.15 to 0.24) since 14:05 UTC, a surprise of 45 bits ..."
std::string other_comovement(const Occasion& of, const Verdict& verdict) {
  const auto pair = verdict.contributions.empty() ? std::nullopt : verdict.contributions.front().with;
  const std::string_view verb = verdict.since_windows > 0 ? "has been" : "is";
  if (pair)
    return fmt::format(
        "{} and {} on {} vary together otherwise than usual: their correlation {} {:.2f} (expected {:.2f}, usual range "
        "{:.2f} to {:.2f}) {}, {}.",
        of.measure, name_of(of, *pair), of.entity, verb, verdict.value, verdict.expected, verdict.expected_low,
        verdict.expected_high, when(of, verdict), format_surprise(verdict.surprise));
  return fmt::format(
      "{} on {} varies from window to window {} than usual: {:.2f} times as much (usual range {:.2f} to "
      "{:.2f}) {}, {}.",
      of.measure, of.entity, verdict.value < verdict.expected ? "less" : "more", verdict.value, verdict.expected_low,
      verdict.expected_high, when(of, verdict), format_surprise(verdict.surprise));
}

/// " Mostly latency (31 bits), then error_rate (14 bits)." A pair is "latency with error_rate".
std::string contributions(const Occasion& of, const Verdict& verdict) {
  std::string out;
  size_t told = 0;
  for (const Contribution& part : verdict.contributions) {
    if (part.observation >= of.measures.size() || told == kMostContributions) continue;
    out += fmt::format("{}{}{} ({:.0f} bits)",
                       told == 0   ? " Mostly "
                       : told == 1 ? ", then "
                                   : ", ",
                       of.measures[part.observation],
                       part.with ? fmt::format(" with {}", name_of(of, *part.with)) : std::string(), part.bits);
    ++told;
  }
  return told == 0 ? out : out + ".";
}

/// " It began 3 min after the first sight of model=gpt-x and 1 min before the first sight of prompt_version=13."
std::string changes(const Occasion& of, const Verdict& verdict) {
  const Timestamp from = began(of, verdict);
  std::vector<const NearChange*> nearest;
  for (const NearChange& change : of.changes) nearest.push_back(&change);
  const auto distance = [&](const NearChange* change) { return std::chrono::abs(change->at - from); };
  std::stable_sort(nearest.begin(), nearest.end(),
                   [&](const auto* a, const auto* b) { return distance(a) < distance(b); });
  nearest.resize(std::min(nearest.size(), kMostChanges));
  std::string out;
  for (size_t i = 0; i < nearest.size(); ++i) {
    out += i == 0 ? " It began " : i + 1 == nearest.size() ? " and " : ", ";
    const NearChange& change = *nearest[i];
    out += change.at == from ? fmt::format("with the {}", change.what)
                             : fmt::format("{} {} the {}", format_length(distance(&change)),
                                           change.at < from ? "after" : "before", change.what);
  }
  return nearest.empty() ? out : out + ".";
}

/// " At this pace it comes to the limit of 5.0 % in 6 d (4 d 12 h to 9 d)."
std::string to_limit(const Occasion& of, const Verdict& verdict) {
  if (of.pattern != Pattern::trend) return {};
  const auto ahead = limit_ahead(verdict, of.width * verdict.since_windows, of.limits);
  if (!ahead) return {};
  return fmt::format(
      " At this pace it comes to the limit of {} in {} ({}).", quantity(of, ahead->limit), format_length(ahead->in),
      ahead->latest ? fmt::format("{} to {}", format_length(ahead->earliest), format_length(*ahead->latest))
                    : fmt::format("at the earliest in {}", format_length(ahead->earliest)));
}

/// " Compared with service=shop, endpoint=/chat as a whole: this prompt_version has only 3 windows of its own."
std::string borrowed(const Occasion& of) {
  if (of.borrowed_from.empty()) return {};
  const std::string own = of.own_windows == 0   ? "no window of its own yet"
                          : of.own_windows == 1 ? "only 1 window of its own"
                                                : fmt::format("only {} windows of its own", of.own_windows);
  return fmt::format(" Compared with {}: this {} has {}.", of.borrowed_from, of.siblings, own);
}

std::string worst(const Occasion& of, const AlertPeak& peak) {
  if (of.pattern == Pattern::limit) return fmt::format("At worst it was {}.", quantity(of, peak.value));
  return fmt::format("At worst it was {} (expected {}), {}.", quantity(of, peak.value), quantity(of, peak.expected),
                     format_surprise(peak.surprise));
}

}  // namespace

std::string why_fired(const Occasion& occasion, const Verdict& verdict) {
  std::string out;
  switch (occasion.pattern) {
    case Pattern::deviation:
      out = deviation(occasion, verdict);
      break;
    case Pattern::limit:
      out = beyond_limit(occasion, verdict);
      break;
    case Pattern::silence:
      out = silence(occasion, verdict);
      break;
    case Pattern::drift:
    case Pattern::spread:
      out = other_composition(occasion, verdict);
      break;
    case Pattern::reference:
      out = unlike_the_test_set(occasion, verdict);
      break;
    case Pattern::contrast:
      out = unlike_siblings(occasion, verdict);
      break;
    case Pattern::trend:
      out = movement(occasion, verdict);
      break;
    case Pattern::comovement:
      out = other_comovement(occasion, verdict);
      break;
  }
  return out + to_limit(occasion, verdict) + borrowed(occasion) + contributions(occasion, verdict) +
         changes(occasion, verdict);
}

std::string why_resolved(const Occasion& occasion, const Verdict& verdict, const Transition& transition) {
  const bool other_day = std::chrono::floor<std::chrono::days>(transition.starts_at) !=
                         std::chrono::floor<std::chrono::days>(transition.observed_at);
  if (transition.is_without_data)
    return fmt::format(
        "{} on {} ended without data: nothing has come since {}, so it cannot be told whether it is good "
        "again. {}",
        occasion.measure, occasion.entity, format_time(transition.ends_at, other_day),
        worst(occasion, transition.peak));
  if (transition.is_rule_gone)
    return fmt::format(
        "{} on {} is not judged any more: the rule was removed from the config, or watches something else now. It had "
        "fired from {} to {}. {}",
        occasion.measure, occasion.entity, format_time(transition.starts_at, other_day),
        format_time(transition.ends_at, other_day), worst(occasion, transition.peak));
  if (occasion.pattern == Pattern::comovement)  // the pair that is strongest now need not be the one that it was about
    return fmt::format(
        "The measures on {} vary together as usual again {}. It lasted {}, from {} to {}. At worst it was {}.",
        occasion.entity, format_span(occasion.start, occasion.start + occasion.width),
        format_length(transition.ends_at - transition.starts_at), format_time(transition.starts_at, other_day),
        format_time(transition.ends_at, other_day), format_surprise(transition.peak.surprise));
  const bool is_limit = occasion.pattern == Pattern::limit;
  const std::string now = is_limit ? fmt::format("within the limit of {}", quantity(occasion, verdict.expected))
                          : occasion.pattern == Pattern::trend     ? "no longer moving on"
                          : occasion.pattern == Pattern::drift     ? "composed as usual again"
                          : occasion.pattern == Pattern::spread    ? "distributed as usual again"
                          : occasion.pattern == Pattern::reference ? "as in the test set again"
                          : occasion.pattern == Pattern::contrast  ? "as its siblings again"
                                                                   : "as expected again";
  const std::string around = is_limit                                 ? ""
                             : occasion.pattern == Pattern::reference ? " " + tested(occasion, verdict)
                             : occasion.pattern == Pattern::contrast  ? " " + beside(occasion, verdict)
                                                                      : " " + expectation(occasion, verdict);
  return fmt::format(
      "{} on {} is {}: {}{} {}. It lasted {}, from {} to {}. {}", occasion.measure, occasion.entity, now,
      value_with_size(occasion, verdict), around, format_span(occasion.start, occasion.start + occasion.width),
      format_length(transition.ends_at - transition.starts_at), format_time(transition.starts_at, other_day),
      format_time(transition.ends_at, other_day), worst(occasion, transition.peak));
}

}  // namespace tidewatch
