#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "detectors/core/bytes.h"

namespace tidewatch {

enum class Arm : uint8_t { control, treatment };
inline constexpr size_t kArms = 2;

/// Units (requests, sessions or users) fall into so many groups by a hash of what they are, the same in both arms.
inline constexpr size_t kRandomGroups = 64;

/// What the units of one group showed of one measure.
struct GroupSums {
  double weight = 0;     ///< observations, by inverse inclusion probability where they are a sample
  double total = 0;      ///< Σ weight · value; of rates: what was a success
  double effective = 0;  ///< as many observations of equal weight say as much
  void add(const GroupSums& other) {
    weight += other.weight;
    total += other.total;
    effective += other.effective;
  }
};

/// The sums of all groups of one arm, of one measure.
class ArmGroups {
 public:
  GroupSums& operator[](size_t group) { return groups_[group]; }
  const GroupSums& operator[](size_t group) const { return groups_[group]; }
  GroupSums all() const {
    GroupSums out;
    for (const GroupSums& group : groups_) out.add(group);
    return out;
  }
  void save(ByteWriter& out) const;
  bool load(ByteReader& in);

 private:
  std::array<GroupSums, kRandomGroups> groups_{};
};

/// Both arms.
using ArmPair = std::array<ArmGroups, kArms>;

}  // namespace tidewatch
