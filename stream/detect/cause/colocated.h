#pragma once

#include <map>
#include <string>
#include <vector>

#include "stream/detect/entity_monitor.h"

namespace tidewatch {

/// Entities by what decides their partition: those that share it are judged by one task however partitions are shared
/// out, so what is found by comparing them does not depend on that.
class Colocated {
 public:
  /// `entities` outlive it.
  Colocated(const EntityMonitors& entities, const EntityGroup& colocate);

  /// All of them, in the order of their keys, without those that stand for others.
  const std::vector<const EntityMonitor*>& beside(const EntityMonitor& entity) const;
  /// What `entity` is part of: its labels without the one in which siblings differ. Null: nothing, or not watched.
  const EntityMonitor* whole_of(const EntityMonitor& entity) const;
  /// Those that have one label more than `whole`, by that label.
  std::map<std::string, std::vector<const EntityMonitor*>> parts_of(const EntityMonitor& whole) const;

 private:
  const EntityMonitors* entities_;
  EntityGroup colocate_;
  std::map<std::string, std::vector<const EntityMonitor*>> by_place_;
};

}  // namespace tidewatch
