#pragma once

#include <optional>
#include <vector>

#include "detectors/core/bytes.h"
#include "detectors/core/result.h"
#include "detectors/core/time.h"
#include "stream/detect/cells.h"
#include "stream/detect/compiled_rule.h"

namespace tidewatch {

/// Windows of a rule with too few observations each, on their way to being judged as one: an outage on an endpoint with
/// four requests in five minutes is seen in a quarter of an hour, and never from four requests. The aggregates are
/// merged, so that rates, means and quantiles are exactly those of the longer window.
class Gathered {
 public:
  /// Windows are not gathered for longer than this; what is older is given up unjudged.
  static constexpr Duration kLongest = std::chrono::hours(6);

  bool empty() const { return aggregates_.empty(); }
  Timestamp start() const { return start_; }  ///< of the first window. Pre: not empty
  void add(const CompiledRule& rule, const Cells& cells, Timestamp start);
  void clear() { aggregates_.clear(); }

  /// One observation by measure of the rule, missing ones included.
  std::vector<Observation> observe(const CompiledRule& rule) const;
  const Aggregate* find(size_t measure) const;  ///< by its place in the rule

  size_t memory_bytes() const;
  void save(ByteWriter& out) const;
  Status load(const CompiledRule& rule, ByteReader& in);  ///< errors: `unknown_version`, `corrupt`

 private:
  std::vector<std::optional<Aggregate>> aggregates_;  ///< by measure of the rule; empty: no window
  Timestamp start_{};
};

/// The observation of one measure of a rule, within the domain of the measure; missing without an aggregate.
Observation observe(const CompiledRule& rule, size_t measure, const Aggregate* aggregate);

}  // namespace tidewatch
