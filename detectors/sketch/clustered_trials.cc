#include "detectors/sketch/clustered_trials.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "detectors/sketch/serialized.h"

namespace tidewatch {

void ClusteredTrials::add(bool success, uint64_t cluster, double weight) {
  if (cluster >= below_) return;
  auto at = std::lower_bound(clusters_.begin(), clusters_.end(), cluster,
                             [](const Cluster& known, uint64_t hash) { return known.hash < hash; });
  if (at == clusters_.end() || at->hash != cluster) at = clusters_.insert(at, Cluster{cluster, 0, 0});
  (success ? at->successes : at->failures) += std::llround(weight);
  limit();
}

void ClusteredTrials::merge(const ClusteredTrials& other) {
  below_ = std::min(below_, other.below_);
  std::vector<Cluster> all;
  all.reserve(clusters_.size() + other.clusters_.size());
  std::merge(clusters_.begin(), clusters_.end(), other.clusters_.begin(), other.clusters_.end(),
             std::back_inserter(all), [](const Cluster& a, const Cluster& b) { return a.hash < b.hash; });
  clusters_.clear();
  for (const Cluster& one : all) {
    if (one.hash >= below_) break;
    if (clusters_.empty() || clusters_.back().hash != one.hash) {
      clusters_.push_back(one);
      continue;
    }
    clusters_.back().successes += one.successes;
    clusters_.back().failures += one.failures;
  }
  limit();
}

/// Those that are kept have been kept from their first trial on, in whatever part of the stream it came.
void ClusteredTrials::limit() {
  if (clusters_.size() <= kMaxClusters) return;
  below_ = clusters_[kMaxClusters].hash;
  clusters_.resize(kMaxClusters);
}

ClusteredTrials::Told ClusteredTrials::told(const WeightedTrials& single) const {
  double successes = std::max(0.0, single.successes());
  double total = successes + std::max(0.0, single.failures());
  double squares = total;  // a single trial is a cluster of one
  const auto for_each = [&](const auto& take) {
    for (const Cluster& cluster : clusters_) {
      const auto good = static_cast<double>(std::max<int64_t>(0, cluster.successes));
      const double all = good + static_cast<double>(std::max<int64_t>(0, cluster.failures));
      if (all > 0) take(std::min(all, kMostOfOne), good / all);
    }
  };
  for_each([&](double counted, double rate) {
    successes += counted * rate;
    total += counted;
    squares += counted * counted;
  });
  if (!(total > 0)) return {};
  if (squares == total) return {successes / total, total};  // one trial each
  // One success and one failure of a typical cluster added, as WeightedTrials does, and taken off again.
  const double typical = squares / total;
  const double padded = total + 2 * typical;
  const double rate = (successes + typical) / padded;
  const double off = 1 - rate;
  double scatter = typical * typical * (off * off + rate * rate);
  scatter += std::max(0.0, single.successes()) * off * off + std::max(0.0, single.failures()) * rate * rate;
  for_each([&](double counted, double own) { scatter += counted * counted * (own - rate) * (own - rate); });
  const double told_by = rate * off * padded * padded / scatter - 2;
  return {successes / total, std::clamp(told_by, 0.0, total)};
}

double ClusteredTrials::successes() const {
  double out = 0;
  for (const Cluster& cluster : clusters_) out += static_cast<double>(cluster.successes);
  return out;
}

double ClusteredTrials::failures() const {
  double out = 0;
  for (const Cluster& cluster : clusters_) out += static_cast<double>(cluster.failures);
  return out;
}

double ClusteredTrials::weight() const {
  const double out = successes() + failures();
  if (below_ == std::numeric_limits<uint64_t>::max()) return out;
  return out * std::ldexp(1.0, 64) / static_cast<double>(below_);
}

bool ClusteredTrials::empty() const {
  return std::all_of(clusters_.begin(), clusters_.end(),
                     [](const Cluster& cluster) { return cluster.successes == 0 && cluster.failures == 0; });
}

size_t ClusteredTrials::memory_bytes() const { return sizeof(*this) + clusters_.capacity() * sizeof(Cluster); }

void ClusteredTrials::serialize(ByteWriter& out) const {
  out.put(below_);
  out.put_varint(clusters_.size());
  for (const Cluster& cluster : clusters_) {
    out.put(cluster.hash);
    out.put_signed(cluster.successes);
    out.put_signed(cluster.failures);
  }
}

Result<ClusteredTrials> ClusteredTrials::deserialize(ByteReader& in) {
  ClusteredTrials trials;
  trials.below_ = in.get<uint64_t>();
  const uint64_t count = in.get_count(sizeof(uint64_t) + 2);
  if (count > kMaxClusters) return corrupt("clustered trials");
  for (uint64_t i = 0; i < count; ++i) {
    Cluster cluster;
    cluster.hash = in.get<uint64_t>();
    cluster.successes = in.get_signed();
    cluster.failures = in.get_signed();
    const bool is_in_order = trials.clusters_.empty() || trials.clusters_.back().hash < cluster.hash;
    if (!is_in_order || cluster.hash >= trials.below_) return corrupt("clustered trials");
    trials.clusters_.push_back(cluster);
  }
  if (!in.ok()) return corrupt("clustered trials");
  return trials;
}

}  // namespace tidewatch
