#pragma once

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "detectors/sketch/aggregate.h"
#include "stream/window/measures.h"
#include "tidewatch/v1/partial.pb.h"

namespace tidewatch {

/// Aggregates of one entity over some interval, by measure, with the earliest sightings of label values.
class Cells {
 public:
  const Aggregate* find(MeasureId id) const {
    const auto at = std::find_if(cells_.begin(), cells_.end(), [&](const auto& cell) { return cell.first == id; });
    return at == cells_.end() ? nullptr : &at->second;
  }
  void merge(MeasureId id, const Aggregate& aggregate) {
    const auto at = std::find_if(cells_.begin(), cells_.end(), [&](const auto& cell) { return cell.first == id; });
    if (at == cells_.end())
      cells_.emplace_back(id, aggregate);
    else
      at->second.merge(aggregate);
  }
  void merge(const Cells& other) {
    for (const auto& [id, aggregate] : other.cells_) merge(id, aggregate);
    for (const auto& sighting : other.sightings_) merge(sighting);
  }
  void merge(const v1::Sighting& seen) {
    const auto at = std::find_if(sightings_.begin(), sightings_.end(),
                                 [&](const auto& s) { return s.label() == seen.label() && s.value() == seen.value(); });
    if (at == sightings_.end())
      sightings_.push_back(seen);
    else if (std::pair(seen.time_unix_nano(), std::string_view(seen.trace_id())) <
             std::pair(at->time_unix_nano(), std::string_view(at->trace_id())))
      *at = seen;
  }
  /// What was withdrawn entirely leaves no trace, as when the withdrawal had come first.
  void drop_empty() {
    std::erase_if(cells_, [](const auto& cell) { return cell.second.empty(); });
  }
  double requests() const {
    const Aggregate* requests = find(m_requests);
    return requests != nullptr ? requests->weight() : 0;
  }
  bool empty() const { return cells_.empty(); }
  auto begin() const { return cells_.begin(); }
  auto end() const { return cells_.end(); }
  const std::vector<v1::Sighting>& sightings() const { return sightings_; }

 private:
  std::vector<std::pair<MeasureId, Aggregate>> cells_;
  std::vector<v1::Sighting> sightings_;
};

}  // namespace tidewatch
