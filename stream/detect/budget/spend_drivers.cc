#include "stream/detect/budget/spend_drivers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "detectors/decide/wording.h"

namespace tidewatch {
namespace {

constexpr double kLeastRise = 1.2;
constexpr double kMost = 0.5;

struct Part {
  std::string label;
  const EntityMonitor* entity = nullptr;
  double share_of_rise = 0;
};

double rise_of(const EntityMonitor& entity, Timestamp now) {
  return entity.spend().track().recent(now).usd - entity.spend().track().usual(now).usd;
}

double share(double part, double whole) { return whole > 0 ? std::min(1.0, part / whole) : 0; }

/// The part of which most of the rise comes.
std::optional<Part> leading_part(const EntityMonitor& entity, const Colocated& colocated, Timestamp now) {
  const double whole = rise_of(entity, now);
  std::optional<Part> best;
  for (const auto& [label, parts] : colocated.parts_of(entity))
    for (const EntityMonitor* part : parts) {
      const double of_rise = share(rise_of(*part, now), whole);
      if (of_rise >= kMost && (!best || of_rise > best->share_of_rise)) best = Part{label, part, of_rise};
    }
  return best;
}

double ratio(double now, double before) { return now > 0 && before > 0 ? now / before : 1; }

/// What of it rose most.
std::string leading_quantity(const SpendRates& now, const SpendRates& before) {
  if (now.requests <= 0 || before.requests <= 0) return "";
  struct Quantity {
    std::string_view name;
    double now;
    double before;
  };
  const Quantity all[] = {
      {"requests an hour", now.requests, before.requests},
      {"input tokens per request", now.input_tokens / now.requests, before.input_tokens / before.requests},
      {"output tokens per request", now.output_tokens / now.requests, before.output_tokens / before.requests}};
  const auto& most = *std::max_element(std::begin(all), std::end(all), [](const auto& a, const auto& b) {
    return ratio(a.now, a.before) < ratio(b.now, b.before);
  });
  const double by_request_now = now.usd / now.requests;
  const double by_request_before = before.usd / before.requests;
  std::string by_request =
      fmt::format("{} per request instead of {}", format_quantity(by_request_now, tidewatch::Quantity::usd),
                  format_quantity(by_request_before, tidewatch::Quantity::usd));
  if (ratio(most.now, most.before) >= kLeastRise)
    return fmt::format("{}, {} instead of {}; {}", most.name, format_quantity(most.now, tidewatch::Quantity::count),
                       format_quantity(most.before, tidewatch::Quantity::count), by_request);
  return by_request;
}

}  // namespace

std::string spend_drivers(const EntityMonitor& entity, const Colocated& colocated, Timestamp now) {
  const SpendTrack& track = entity.spend().track();
  if (!track.is_settled(now)) return "";
  const SpendRates recent = track.recent(now);
  const SpendRates usual = track.usual(now);
  if (usual.usd <= 0 || ratio(recent.usd, usual.usd) < kLeastRise) return "";
  std::string out = fmt::format("Lately {} an hour, usually {}", format_quantity(recent.usd, Quantity::usd),
                                format_quantity(usual.usd, Quantity::usd));
  const auto part = leading_part(entity, colocated, now);
  if (!part) {
    const std::string quantity = leading_quantity(recent, usual);
    return quantity.empty() ? out + "." : fmt::format("{}: {}.", out, quantity);
  }
  const SpendRates part_recent = part->entity->spend().track().recent(now);
  const SpendRates part_usual = part->entity->spend().track().usual(now);
  out += fmt::format("; most of the rise ({}): {}={}, {} of what is spent and usually {}",
                     format_quantity(part->share_of_rise, Quantity::share), part->label,
                     part->entity->labels().get(part->label),
                     format_quantity(share(part_recent.usd, recent.usd), Quantity::share),
                     format_quantity(share(part_usual.usd, usual.usd), Quantity::share));
  const std::string quantity = leading_quantity(part_recent, part_usual);
  return quantity.empty() ? out + "." : fmt::format("{}: {}.", out, quantity);
}

}  // namespace tidewatch
