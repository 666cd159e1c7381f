#include "stream/detect/cause/movement.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace tidewatch {
namespace {

// Chosen on the tuning seeds of `./dev bench causes`: several times are tried, of some twenty measures.
constexpr double kClearMove = 4;
constexpr double kLeastBefore = 20;
constexpr double kLeastSince = 3;
constexpr double kLeastOfLabel = 10;

const LevelSum* find(const Stretch& in, MeasureId measure) {
  const auto at = in.levels.find(measure);
  return at == in.levels.end() ? nullptr : &at->second;
}

/// What must be seen at least: the larger of the two, both must be exceeded.
double least_move(const CauseMeasure& row, double before) {
  return std::max(row.least_absolute, row.least_relative * std::abs(before));
}

}  // namespace

std::vector<SplitPast> splits_of(const RecentPast& past) {
  std::vector<SplitPast> out;
  for (const Timestamp at : past.beginnings()) out.push_back({at, past.before(at), past.since(at)});
  return out;
}

std::optional<Movement> movement_of(const CauseMeasure& row, const MeasureInfo& info,
                                    const std::vector<SplitPast>& splits) {
  std::optional<Movement> out;
  double clearest = -1;
  double blur = HUGE_VAL;  // least standard error of a difference
  for (const SplitPast& split : splits) {
    const LevelSum* before = find(split.before, row.measure);
    const LevelSum* since = find(split.since, row.measure);
    if (before == nullptr || since == nullptr || before->n < kLeastBefore || since->n < kLeastSince) continue;
    const bool is_rate = info.kind == MeasureKind::rate;
    const double error = std::sqrt(kDispersion * (before->variance(is_rate) + since->variance(is_rate)));
    const double moved = since->mean() - before->mean();
    const double z = error > 0 ? std::abs(moved) / error : 0;
    blur = std::min(blur, error);
    if (z <= clearest) continue;
    clearest = z;
    out = Movement{.measure = info.name,
                   .trait = row.trait,
                   .quantity = quantity_of(info.unit),
                   .noun = std::string(noun_of(info.unit)),
                   .before = before->mean(),
                   .after = since->mean(),
                   .is_moved = z >= kClearMove && std::abs(moved) >= least_move(row, before->mean()),
                   .since = split.at};
  }
  if (out && !out->is_moved)
    out->is_steady = 3 * blur <= std::max(2 * least_move(row, out->before), 0.05 * std::abs(out->before));
  return out;
}

std::optional<Mix> movement_of(const CauseLabel& row, const std::vector<SplitPast>& splits) {
  std::optional<Mix> out;
  double clearest = -1;
  for (const SplitPast& split : splits) {
    const auto before = split.before.shares.find(row.measure);
    const auto since = split.since.shares.find(row.measure);
    if (before == split.before.shares.end() || since == split.since.shares.end()) continue;
    double total_before = 0;
    double total_since = 0;
    std::set<std::string> names;
    for (const auto& [name, weight] : before->second) {
      total_before += weight;
      names.insert(name);
    }
    for (const auto& [name, weight] : since->second) {
      total_since += weight;
      names.insert(name);
    }
    if (total_before < kLeastBefore || total_since < kLeastOfLabel) continue;
    Mix mix{.facet = row.facet, .since = split.at};
    double gain = -1;
    double z = 0;
    for (const auto& name : names) {
      const auto share_in = [&](const std::map<std::string, double>& shares, double total) {
        const auto found = shares.find(name);
        return found == shares.end() ? 0 : found->second / total;
      };
      const double was = share_in(before->second, total_before);
      const double is = share_in(since->second, total_since);
      mix.moved += std::abs(is - was) / 2;
      if (name.empty() || is - was <= gain) continue;
      gain = is - was;
      mix.gained = name;
      mix.before = was;
      mix.after = is;
      const double pooled =
          std::clamp((was * total_before + is * total_since + 0.5) / (total_before + total_since + 1), 1e-6, 1 - 1e-6);
      z = gain / std::sqrt(kSessionSize * pooled * (1 - pooled) * (1 / total_before + 1 / total_since));
    }
    mix.is_moved = z >= kClearMove && mix.moved >= row.least_moved;
    if (z <= clearest && out) continue;
    clearest = z;
    out = mix;
  }
  return out;
}

}  // namespace tidewatch
