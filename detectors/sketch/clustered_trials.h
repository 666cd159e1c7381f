#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "detectors/core/bytes.h"
#include "detectors/core/result.h"
#include "detectors/sketch/weighted_trials.h"

namespace tidewatch {

/// Successes and failures of trials that come in clusters: the votes of one user are neither independent nor to be
/// counted without limit. Each cluster counts at most kMostOfOne times, at its own rate, so that nobody decides the
/// rate by voting often, and the uncertainty is that of clusters, not of trials.
///
/// Of more than kMaxClusters the ones with the smallest hashes are kept with all of their trials: a uniform sample of
/// clusters, whatever the order. Merging is exactly commutative and associative.
class ClusteredTrials {
 public:
  static constexpr size_t kMaxClusters = 1024;
  static constexpr double kMostOfOne = 3;

  /// `weight` 1, or -1 to withdraw what was added with 1. `cluster`: a hash, uniform over all values.
  void add(bool success, uint64_t cluster, double weight);
  void merge(const ClusteredTrials& other);

  /// What a rate is told by, over the clusters and over `single` trials that belong to none (each its own cluster).
  struct Told {
    double rate = 0;
    double effective_size = 0;  ///< as WeightedTrials::effective_size() of clusters; 0: nothing is left
  };
  Told told(const WeightedTrials& single) const;

  double successes() const;  ///< trials of kept clusters, not limited
  double failures() const;   ///< the same
  double weight() const;     ///< estimated number of trials, of all clusters, not limited
  bool empty() const;        ///< nothing was added, or all was withdrawn
  size_t memory_bytes() const;

  void serialize(ByteWriter& out) const;  ///< part of an enclosing format
  static Result<ClusteredTrials> deserialize(ByteReader& in);

 private:
  struct Cluster {
    uint64_t hash = 0;
    int64_t successes = 0;  ///< below 0 amid corrections
    int64_t failures = 0;
  };
  void limit();

  std::vector<Cluster> clusters_;  ///< by hash, all below `below_`
  uint64_t below_ = std::numeric_limits<uint64_t>::max();
};

}  // namespace tidewatch
