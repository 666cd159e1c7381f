#include "detectors/estimate/mix_shift.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>

namespace tidewatch {
namespace {

/// A group that both periods have, or what is assumed of one that only one of them has.
struct Group {
  double share_before = 0;
  double share_after = 0;
  double mean_before = 0;
  double mean_after = 0;
  double variance_before = 0;
  double variance_after = 0;
  bool is_in_both = false;

  double center() const { return (mean_before + mean_after) / 2; }
  double change() const { return mean_after - mean_before; }
  /// Variance of center(): of one mean where there is only one.
  double center_variance() const {
    return is_in_both ? (variance_before + variance_after) / 4 : std::max(variance_before, variance_after);
  }
};

Group group_of(const GroupChange& given, double units_before, double units_after) {
  const bool was = given.before.count > 0;
  const bool is = given.after.count > 0;
  Group group;
  group.is_in_both = was && is;
  group.share_before = was ? given.before.count / units_before : 0;
  group.share_after = is ? given.after.count / units_after : 0;
  group.mean_before = was ? given.before.mean : given.after.mean;
  group.mean_after = is ? given.after.mean : given.before.mean;
  group.variance_before = was ? given.before.variance : 0;
  group.variance_after = is ? given.after.variance : 0;
  return group;
}

/// Variance of Σ s·c where the shares s are those of `units` draws.
double variance_of_shares(std::span<const Group> groups, double Group::*share, double units,
                          const std::function<double(const Group&)>& coefficient) {
  double mean = 0;
  double square = 0;
  for (const Group& group : groups) {
    const double c = coefficient(group);
    mean += group.*share * c;
    square += group.*share * c * c;
  }
  return std::max(square - mean * mean, 0.0) / units;
}

}  // namespace

MixShift mix_shift(std::span<const GroupChange> given) {
  MixShift out;
  out.parts.resize(given.size());
  double units_before = 0;
  double units_after = 0;
  for (const GroupChange& group : given) {
    units_before += group.before.count;
    units_after += group.after.count;
  }
  if (!(units_before > 0) || !(units_after > 0)) return out;

  std::vector<Group> groups;
  groups.reserve(given.size());
  double mean_before = 0;
  double mean_after = 0;
  double total_variance = 0;
  for (const GroupChange& one : given) {
    const Group& group = groups.emplace_back(group_of(one, units_before, units_after));
    mean_before += group.share_before * group.mean_before;
    mean_after += group.share_after * group.mean_after;
    total_variance += group.share_before * group.share_before * group.variance_before +
                      group.share_after * group.share_after * group.variance_after;
  }
  const double reference = (mean_before + mean_after) / 2;

  double mix_variance = 0;
  double within_variance = 0;
  for (size_t i = 0; i < groups.size(); ++i) {
    const Group& group = groups[i];
    const double grown = group.share_after - group.share_before;
    const double usual = (group.share_after + group.share_before) / 2;
    out.parts[i] = {grown * (group.center() - reference), usual * group.change()};
    out.mix.value += out.parts[i].mix;
    out.within.value += out.parts[i].within;
    mix_variance += grown * grown * group.center_variance();
    if (group.is_in_both) within_variance += usual * usual * (group.variance_before + group.variance_after);
  }
  const auto both_shares = [&](const std::function<double(const Group&)>& before,
                               const std::function<double(const Group&)>& after) {
    return variance_of_shares(groups, &Group::share_before, units_before, before) +
           variance_of_shares(groups, &Group::share_after, units_after, after);
  };
  const auto center = [](const Group& group) { return group.center(); };
  const auto half_change = [](const Group& group) { return group.change() / 2; };
  mix_variance += both_shares(center, center);
  within_variance += both_shares(half_change, half_change);
  total_variance += both_shares([](const Group& group) { return group.mean_before; },
                                [](const Group& group) { return group.mean_after; });
  out.total = {out.mix.value + out.within.value, std::sqrt(total_variance)};
  out.mix.error = std::sqrt(mix_variance);
  out.within.error = std::sqrt(within_variance);
  return out;
}

}  // namespace tidewatch
