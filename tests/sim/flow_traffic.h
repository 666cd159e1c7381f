#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "detectors/core/time.h"

namespace tidewatch {

/// What a simulated collector sends: a fragment, when it says it happened, and through which partition.
struct SentFragment {
  Timestamp time{};   ///< latest event time in it
  Timestamp order{};  ///< a partition is sent in this order: `time` and up to kOutOfOrder
  int32_t partition = 0;
  std::string trace_id;
  std::string value;  ///< v1::Fragment
};

inline constexpr int32_t kFlowSources = 3;
inline constexpr Timestamp kFlowStart = Timestamp(std::chrono::days(19723));
inline constexpr Duration kOutOfOrder = std::chrono::seconds(5);

struct FlowTraffic {
  int minutes = 15;
  int services = 2;
  bool has_surges = false;      ///< one service after the other is busy, and the others nearly silent
  bool has_duplicates = false;  ///< every span and vote may come again, later and through another partition
};

/// A quarter of an hour of requests split over messages and partitions, with parents after their children, entries that
/// never come, feedback that is changed and withdrawn, evaluations, a new model, and an outage of one service: the same
/// for the same seed, whether duplicates are added or not. Nothing is late, so that the outputs do not depend on how
/// the work is divided: requests last seconds, and votes are changed in the minute in which they were given.
std::vector<SentFragment> flow_traffic(uint64_t seed, const FlowTraffic& traffic);

/// A fragment that announces something expected of the second service for two minutes; sent before all traffic.
std::string announced_launch();

/// A fragment that orders a drill of a rollout.
std::string ordered_drill();

/// End of all of it: what is sent then closes every window.
Timestamp flow_end(const FlowTraffic& traffic);

}  // namespace tidewatch
