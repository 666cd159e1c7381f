#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stream/detect/compiled_rule.h"
#include "stream/detect/entity_monitor.h"

namespace tidewatch {

/// From whom an entity without a past borrows a baseline: the nearest entity that it is part of, the same labels
/// without the last one that is not colocated (an endpoint, of a prompt version); without one that knows, the sibling
/// that served most lately (the prompt version that is replaced). Both lie in its partition, so that what is found does
/// not depend on how partitions are shared out; and entities are judged in the order of their keys, so that it does not
/// depend on the order in which data came.
class Relatives {
 public:
  /// At the end of a window; `entities` outlive it.
  Relatives(const EntityMonitors& entities, const RuleBook& book, Timestamp now)
      : entities_(&entities), book_(&book), now_(now) {}

  /// A baseline for the watcher of `rule` on `entity`; nothing where no relative has a past of its own.
  std::optional<Loan> find(const EntityMonitor& entity, const CompiledRule& rule) const;

 private:
  std::optional<Loan> of_parent(const EntityMonitor& entity, const CompiledRule& rule) const;
  /// Those that served most lately first, Families::kMostSiblings of them.
  std::vector<const EntityMonitor*> siblings_of(const EntityMonitor& entity) const;

  const EntityMonitors* entities_;
  const RuleBook* book_;
  Timestamp now_;
  /// Made when it is first asked for: most windows end without anything new.
  mutable std::optional<std::map<std::string, std::vector<const EntityMonitor*>>> families_;
};

}  // namespace tidewatch
