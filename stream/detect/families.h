#pragma once

#include <map>
#include <string>
#include <vector>

#include "stream/detect/cells.h"
#include "stream/detect/compiled_rule.h"
#include "stream/detect/entity_monitor.h"

namespace tidewatch {

/// What siblings have in common: their group, and their labels but the one in which they differ. Empty of an entity
/// that has none.
std::string family_of(const EntityMonitor& entity, const RuleBook& book);

/// What the siblings of entities showed in one window: entities of the same group that differ in one label
/// (sibling_label()). Made before any of the windows is closed.
///
/// A sibling that appeared more than kHeadStart after an entity is no yardstick for it: a canary is compared with the
/// stable variant, not the stable variant with a canary that is better.
class Families {
 public:
  static constexpr Duration kHeadStart = std::chrono::hours(1);
  /// Of a family, so many with the most requests in the window are compared with; no label with more is a version.
  static constexpr size_t kMostSiblings = 32;

  Families(const RuleBook& book, Duration width);

  void add(const EntityMonitor& entity);  ///< each once
  /// What its siblings showed together, of the measures that are compared. Pre: all were added.
  Cells siblings_of(const EntityMonitor& entity) const;
  bool empty() const { return compared_.empty(); }  ///< no rule compares siblings

 private:
  struct Member {
    const EntityMonitor* entity;
    const Cells* cells;
  };
  std::string compared_family(const EntityMonitor& entity) const;  ///< empty: nothing of it is compared

  const RuleBook* book_;
  Duration width_;
  std::vector<const CompiledRule*> compared_;
  std::map<std::string, std::vector<Member>> families_;  ///< members by requests, the most first, then by key
};

}  // namespace tidewatch
