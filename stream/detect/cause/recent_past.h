#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "detectors/core/bytes.h"
#include "detectors/core/time.h"
#include "stream/detect/cells.h"
#include "stream/window/measures.h"

namespace tidewatch {

/// A level over some stretch of time: the mean of what its windows showed, weighted by how much they showed.
struct LevelSum {
  float n = 0;
  float sum = 0;      ///< n times the value; of rates the successes; of `llm_calls` the calls, with n the requests
  float squares = 0;  ///< sampling variance of `sum`; 0 of rates, whose law gives it

  double mean() const { return n > 0 ? static_cast<double>(sum) / n : 0; }
  /// Sampling variance of the mean.
  double variance(bool is_rate) const;
};

/// What an entity showed in some stretch of time.
struct Stretch {
  std::map<MeasureId, LevelSum> levels;
  std::map<MeasureId, std::map<std::string, double>> shares;  ///< weights by value; "" is all others
};

/// What an entity showed lately and before, for the time when somebody asks what an alert comes from: levels of
/// cause_measures() and shares of cause_labels(), by window while they are recent, then by two, four and eight windows
/// (an exponential histogram: Datar, Gionis, Indyk & Motwani, SIAM J. Comput. 31, 2002), and what is older than that in
/// one sum that forgets by half in a day. So the beginning of a change is known to a quarter of the time since.
/// Some kilobytes an entity; deterministic.
class RecentPast {
 public:
  static constexpr size_t kSpansByLength = 2;  ///< of 1, 2, 4 and 8 windows: 30 windows, 2.5 hours of 5 minutes
  static constexpr uint32_t kLongest = 8;
  static constexpr size_t kMaxNames = 96;   ///< values told apart in all labels together
  static constexpr size_t kMaxValues = 12;  ///< of one label in one window

  /// A window that ended, in order. One without anything says nothing.
  void add(const Cells& cells, Timestamp start, Timestamp end);

  /// Where what is told apart begins, the latest first.
  std::vector<Timestamp> beginnings() const;
  Stretch before(Timestamp time) const;  ///< spans that begin before it
  Stretch since(Timestamp time) const;   ///< spans that begin then or later
  bool empty() const { return spans_.empty(); }
  Timestamp first() const { return first_; }  ///< start of the first window. Pre: not empty

  size_t memory_bytes() const;
  void save(ByteWriter& out) const;
  bool load(ByteReader& in);

 private:
  struct Level {
    uint8_t code;  ///< of its cause_measures()
    LevelSum sum;
  };
  struct Share {
    uint8_t code;  ///< of its cause_labels()
    uint8_t name;  ///< its place in `names_`
    float weight;
  };
  struct Span {
    Timestamp start{};
    Timestamp end{};
    uint32_t windows = 1;
    std::vector<Level> levels;  ///< by code
    std::vector<Share> shares;  ///< by code, then name
  };
  static void merge(Span& into, const Span& from, float keep);
  Span digest(const Cells& cells, Timestamp start, Timestamp end);
  uint8_t number_of(const std::string& name);
  void drop_unused_names();
  void collect(const Span& span, Stretch& out) const;
  void age();

  std::vector<std::string> names_ = {""};  ///< the first stands for what has no number of its own
  std::vector<Span> spans_;                ///< the newest first
  Span old_{};
  Timestamp first_{};
};

}  // namespace tidewatch
