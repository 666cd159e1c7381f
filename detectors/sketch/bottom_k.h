#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace tidewatch {

/// A number in (0, 1) from a hash of a unit's id, uniform over ids: whoever sees the unit draws alike. Another `salt`
/// gives an independent one.
double sampling_rank(std::string_view id, uint64_t salt = 0);

/// A unit of a population that may be drawn.
template <typename Payload>
struct Candidate {
  double rank = 0;  ///< sampling_rank() of its id
  std::string id;   ///< decides between equal ranks
  double rate = 0;  ///< probability at which it is drawn in any case
  Payload payload{};
};

/// A unit that was drawn, and how probable that was: counted 1/probability times, it makes up for those like it that
/// were not (Horvitz & Thompson 1952).
template <typename Payload>
struct Drawn {
  Candidate<Payload> candidate;
  double probability = 1;
};

/// A random sample of a population that is seen piece by piece, in any order: every unit whose rank lies below its own
/// rate (Poisson sampling), and at least the `k` units of lowest rank (bottom-k). Offering what
/// several of them keep (candidates()) to another one equals offering everything to it: tasks that each see a part need
/// not talk. Keeps k + 1 units and those that their rates draw.
template <typename Payload>
class BottomK {
 public:
  explicit BottomK(size_t k) : k_(k) {}

  /// A unit that was offered before must not be offered again. Pre: 0 < rank < 1, 0 <= rate <= 1.
  void offer(Candidate<Payload> candidate) {
    const auto at = std::upper_bound(lowest_.begin(), lowest_.end(), candidate, precedes);
    lowest_.insert(at, std::move(candidate));
    if (lowest_.size() <= kept()) return;
    if (is_drawn_by_rate(lowest_.back())) beyond_.push_back(std::move(lowest_.back()));
    lowest_.pop_back();
  }

  /// Gives a unit that was offered a rate that is at least `candidate.rate`, and its payload.
  void raise(Candidate<Payload> candidate) {
    for (auto* part : {&lowest_, &beyond_})
      for (auto& known : *part)
        if (known.rank == candidate.rank && known.id == candidate.id) {
          candidate.rate = std::max(candidate.rate, known.rate);
          known = std::move(candidate);
          return;
        }
    // It was among the lowest no more, and never will be.
    if (is_drawn_by_rate(candidate)) beyond_.push_back(std::move(candidate));
  }

  /// All that is kept, by rank: what another one has to be offered to draw alike.
  std::vector<Candidate<Payload>> candidates() const {
    std::vector<Candidate<Payload>> out = lowest_;
    const auto lowest = static_cast<std::ptrdiff_t>(out.size());
    out.insert(out.end(), beyond_.begin(), beyond_.end());
    std::sort(out.begin() + lowest, out.end(), precedes);
    return out;
  }

  /// What was drawn, by rank. The probability of a unit is that of being drawn while the ranks of all others are what
  /// they are (rank conditioning): its rate or the k-th lowest rank of the others, whichever is larger. Weights of
  /// 1/probability then make unbiased sums, and two units' are uncorrelated (Cohen & Kaplan, "Summarizing Data using
  /// Bottom-k Sketches", PODC 2007), k >= 2.
  std::vector<Drawn<Payload>> draw() const {
    std::vector<Drawn<Payload>> out;
    const double next = lowest_.size() <= k_ ? 1 : lowest_.back().rank;
    size_t index = 0;
    for (auto& candidate : candidates()) {
      const bool is_lowest = index++ < k_;
      if (!is_lowest && !is_drawn_by_rate(candidate)) continue;
      const double probability = is_lowest ? std::max(candidate.rate, next) : candidate.rate;
      out.push_back({std::move(candidate), probability});
    }
    return out;
  }

 private:
  size_t kept() const { return k_ == 0 ? 0 : k_ + 1; }  ///< the lowest and the next, which says how low they are
  static bool precedes(const Candidate<Payload>& a, const Candidate<Payload>& b) {
    return std::tie(a.rank, a.id) < std::tie(b.rank, b.id);
  }
  static bool is_drawn_by_rate(const Candidate<Payload>& candidate) { return candidate.rank < candidate.rate; }

  size_t k_;
  std::vector<Candidate<Payload>> lowest_;  ///< sorted, at most kept()
  std::vector<Candidate<Payload>> beyond_;  ///< drawn by their rates
};

}  // namespace tidewatch
