#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "detectors/core/bytes.h"
#include "detectors/core/result.h"

namespace tidewatch {

/// The heaviest keys of a stream in bounded memory (Space-Saving; Metwally, Agrawal & El Abbadi 2005; merging after
/// Agarwal et al., "Mergeable Summaries", PODS 2012). With `capacity` counters and total weight W:
///   guaranteed <= true weight <= estimate,   estimate - guaranteed <= W / capacity,
/// and every key heavier than W / capacity is kept; so after any sequence of additions and merges.
/// Merging is commutative, and the bounds do not depend on its order; the counts may, once keys have been dropped.
/// Weights are positive: keys cannot be withdrawn. Not thread-safe. add: O(log capacity).
class HeavyHitters {
 public:
  struct Hitter {
    std::string key;
    double estimate = 0;    ///< never below the true weight
    double guaranteed = 0;  ///< never above the true weight

    bool operator==(const Hitter&) const = default;
  };
  static constexpr uint32_t kMaxCapacity = 65536;

  explicit HeavyHitters(uint32_t capacity = 64);  ///< pre: 1 <= capacity <= kMaxCapacity

  void add(std::string_view key, double weight = 1.0);  ///< ignored unless the weight is positive and finite
  void merge(const HeavyHitters& other);                ///< pre: same capacity

  std::vector<Hitter> top(size_t count) const;  ///< by estimate, then key
  /// Keys certain to weigh more than `share` of the total, heaviest first.
  std::vector<Hitter> certainly_above(double share) const;
  Hitter estimate(std::string_view key) const;  ///< of a key not kept: from 0 to absent_bound()
  double absent_bound() const { return absent_; }
  double total() const { return total_; }
  uint32_t capacity() const { return capacity_; }
  bool empty() const { return heap_.empty(); }

  size_t memory_bytes() const;
  void serialize(ByteWriter& out) const;
  static Result<HeavyHitters> deserialize(ByteReader& in);

 private:
  bool comes_before(size_t a, size_t b) const;
  void place(size_t at, Hitter hitter);
  void sift(size_t at);
  void rebuild(std::vector<Hitter> hitters);

  uint32_t capacity_;
  double total_ = 0;
  double absent_ = 0;                              ///< no key that is not kept weighs more
  std::vector<Hitter> heap_;                       ///< smallest estimate first
  std::unordered_map<std::string, size_t> place_;  ///< key to index in heap_
};

}  // namespace tidewatch
