#include "app/rollouts/print_rollouts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "app/terminal_text.h"
#include "detectors/decide/wording.h"
#include "stream/publish/encoder.h"
#include "stream/publish/timestamps.h"

namespace tidewatch {
namespace {

bool is_drill_overdue(const RolloutStanding* standing, const RolloutRule& rule, Timestamp now) {
  return standing == nullptr || !standing->drill || now - from_proto(standing->drill->at()) > rule.drill_every;
}

std::string drill_in_words(const RolloutStanding* standing, const RolloutRule& rule, Timestamp now) {
  if (standing == nullptr || !standing->drill) return "never drilled";
  const Timestamp at = from_proto(standing->drill->at());
  return fmt::format("drilled {} ago{}", format_length(now - at),
                     is_drill_overdue(standing, rule, now) ? ", overdue" : "");
}

std::string standing_in_words(const RolloutStanding* standing) {
  if (standing == nullptr || !standing->latest) return "no request of the treatment was seen";
  const v1::RolloutDecision& latest = *standing->latest;
  return fmt::format("{} at {:g} % since {}: {}", latest.decision(), latest.step(), rfc3339(from_proto(latest.at())),
                     latest.reason());
}

std::string number(double value, const std::string& unit) {
  if (unit == "share") return format_quantity(value, Quantity::share);
  if (unit == "seconds") return format_quantity(value, Quantity::seconds);
  if (unit == "usd") return format_quantity(value, Quantity::usd);
  return format_quantity(value, Quantity::number, unit);
}

std::string guard_text(const v1::RolloutGuard& guard) {
  std::string out =
      fmt::format("  {} ({} {}): {}", guard.measure(), guard.goal() ? "wanted: better by" : "worse by at most",
                  guard.margin(), guard.verdict());
  if (guard.has_control() && guard.has_treatment())
    out += fmt::format("; {} of the treatment, {} of the control", number(guard.treatment(), guard.unit()),
                       number(guard.control(), guard.unit()));
  out = one_line(out) + "\n";
  if (const std::string drawn = drawn_interval(guard); !drawn.empty()) out += "    " + drawn + "\n";
  return out;
}

}  // namespace

std::string drawn_interval(const v1::RolloutGuard& guard, size_t width) {
  if (!guard.has_difference() || width < 8) return "";
  const double estimate = guard.difference();
  const double limit = guard.has_limit() ? guard.limit() : 0;
  double reach = std::max({std::abs(estimate), std::abs(limit), 1e-12}) * 1.25;
  if (guard.has_interval())
    for (const double end : {guard.interval().low(), guard.interval().high()})
      reach = std::min(std::max(reach, std::abs(end) * 1.1), 4 * reach);
  const auto column = [&](double value) {
    const double share = (value + reach) / (2 * reach);
    return static_cast<size_t>(
        std::clamp(std::round(share * static_cast<double>(width - 1)), 0.0, static_cast<double>(width - 1)));
  };
  std::string out(width, '-');
  if (guard.has_interval()) {
    const bool is_low_open = guard.interval().low() < -reach;
    const bool is_high_open = guard.interval().high() > reach;
    const size_t from = column(guard.interval().low());
    const size_t until = column(guard.interval().high());
    for (size_t i = from; i <= until; ++i) out[i] = '=';
    out[from] = is_low_open ? '<' : '[';
    out[until] = is_high_open ? '>' : ']';
  }
  out[column(0)] = '|';
  if (guard.has_limit() && limit != 0) out[column(limit)] = '!';
  out[column(estimate)] = '+';
  return out;
}

std::string rollouts_text(const RolloutBoard& board, const std::vector<RolloutRule>& rules, Timestamp now) {
  if (rules.empty()) return "the config has no rollouts\n";
  std::string out;
  for (const RolloutRule& rule : rules) {
    const RolloutStanding* standing = board.find(rule.name);
    out += one_line(fmt::format("{}  {} ({})", rule.name, standing_in_words(standing),
                                drill_in_words(standing, rule, now))) +
           "\n";
  }
  return out;
}

std::string rollouts_json(const RolloutBoard& board, const std::vector<RolloutRule>& rules, Timestamp now) {
  std::string out;
  for (const RolloutRule& rule : rules) {
    const RolloutStanding* standing = board.find(rule.name);
    nlohmann::ordered_json line = {{"rollout", rule.name},
                                   {"verdict", name_of(board.verdict(rule.name, now))},
                                   {"drill_overdue", is_drill_overdue(standing, rule, now)}};
    if (standing != nullptr && standing->latest)
      line["decision"] = nlohmann::ordered_json::parse(encode(*standing->latest, WireFormat::json));
    out += line.dump() + "\n";
  }
  return out;
}

std::string rollout_text(const RolloutBoard& board, const RolloutRule& rule, Timestamp now) {
  const RolloutStanding* standing = board.find(rule.name);
  std::string out = one_line(fmt::format("{}: {}", rule.name, standing_in_words(standing))) + "\n";
  if (standing != nullptr && standing->latest) {
    const v1::RolloutDecision& latest = *standing->latest;
    if (latest.has_run()) out += fmt::format("  began {}\n", rfc3339(from_proto(latest.run())));
    for (const auto& guard : latest.guards()) out += guard_text(guard);
    if (latest.guards_size() > 0)
      out += "    | no difference   ! limit   + estimate   [=] interval, treatment - control\n";
  }
  out += "  " + drill_in_words(standing, rule, now) + "\n";
  if (standing == nullptr) return out;
  for (const auto& decision : standing->history)
    out += one_line(fmt::format("  {}  {:<8} {:>5g} %  {}{}", rfc3339(from_proto(decision.at())), decision.decision(),
                                decision.step(), decision.drill() ? "drill: " : "", decision.reason())) +
           "\n";
  return out;
}

}  // namespace tidewatch
