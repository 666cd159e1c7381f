#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "detectors/core/time.h"

namespace tidewatch {

/// What is given up last when not all can be judged.
enum class JudgePriority : uint8_t { reported, targeted, random };
inline constexpr size_t kJudgePriorities = 3;

struct JudgeBacklogOptions {
  size_t capacity = 2'000;
  /// For so long a unit waits at most, by priority. The last of them is also how long any unit stays in the sample.
  std::array<Duration, kJudgePriorities> expire = {std::chrono::hours(24), std::chrono::hours(6),
                                                   std::chrono::hours(1)};
};

/// Requests that wait for a judge, bounded, so that what comes to be judged still speaks for all.
///
/// **Too many.** Each unit has a rank, a hash of its id independent of those it was sampled by, and each priority a
/// threshold, at first 1. When more units wait than may, the threshold of the lowest priority that has its share
/// (random a half of the sample, the others a quarter each) is halved: waiting units with a rank above it leave, and
/// later ones do not enter. A unit's `kept` is the least threshold it saw. Counted 1 / (inclusion probability · kept)
/// times it makes unbiased sums, and two units are uncorrelated: had its rank been any other number below `kept`,
/// everything would have gone the same way (a substitutable threshold: Ting, "Adaptive Threshold Sampling",
/// arXiv:1708.04970). Thresholds return to 1 when three quarters are free.
///
/// **Too long.** What waits for longer than its time expires. That depends on the clock, so no weight makes up for it.
/// But units of a period age from its first one on and are taken in the order of another independent rank, all
/// priorities together, so that those that were judged are a random part of the period, as far as it was offered as a
/// whole, which SampleBook does: its rates and means, ratios of weighted sums, stay right. Units of a higher priority
/// that have left the sample by this may still be judged, uncounted. Newer periods go first: what is judged late is of
/// little use to who watches; and what met a fault goes behind all others, for it may be its own.
class JudgeBacklog {
 public:
  explicit JudgeBacklog(const JudgeBacklogOptions& options) : options_(options) {}

  struct Unit {
    uint64_t job = 0;  ///< the caller's
    std::string id;    ///< what ranks are made of; a unit that is the same is so by it
    JudgePriority priority = JudgePriority::random;
    bool is_counted = true;  ///< in the sample; else only looked at
    Timestamp period{};      ///< in which it was sampled
    Duration waits_since{};  ///< in the sample: as the first of its period
    double kept = 1;         ///< probability of not having been left out here
    uint32_t faults = 0;     ///< that it may be the cause of: it goes behind those with fewer
  };
  enum class Reason : uint8_t { over_capacity, expired };
  struct Left {
    Unit unit;
    Reason reason;
  };

  void offer(Unit unit);
  void give_back(Unit unit);      ///< it was taken and could not be judged yet
  void expire(Duration now);      ///< to be called before take()
  std::optional<Unit> take();     ///< the next one; none: nothing waits
  std::vector<Left> take_left();  ///< what will not be judged, since the last call
  std::vector<Unit> take_all();
  size_t size() const { return sample_.size() + looked_at_.size(); }
  /// Units that expired out of the sample and still wait, or waited, to be looked at.
  uint64_t left_sample() const { return left_sample_; }

 private:
  struct Waiting {
    Unit unit;
    double rank = 0;
    double order = 0;
  };
  struct InSample {
    bool operator()(const Waiting& a, const Waiting& b) const;
  };
  struct ByPriority {
    bool operator()(const Waiting& a, const Waiting& b) const;
  };
  void insert(Waiting waiting);
  void make_room();
  void halve(JudgePriority priority);
  JudgePriority to_halve() const;
  void leave(Waiting waiting, Reason reason) { left_.push_back({std::move(waiting.unit), reason}); }
  Duration stays_until(const Unit& unit) const;

  JudgeBacklogOptions options_;
  std::set<Waiting, InSample> sample_;
  std::set<Waiting, ByPriority> looked_at_;
  std::array<double, kJudgePriorities> thresholds_ = {1, 1, 1};
  std::map<Timestamp, Duration> periods_;  ///< since when their units wait
  std::vector<Left> left_;
  uint64_t left_sample_ = 0;
  Duration next_look_ = Duration::max();  ///< nothing expires before
};

}  // namespace tidewatch
