#include "stream/detect/cause/colocated.h"

#include <algorithm>

#include "stream/detect/pane_buffer.h"
#include "stream/window/colocation.h"

namespace tidewatch {

Colocated::Colocated(const EntityMonitors& entities, const EntityGroup& colocate)
    : entities_(&entities), colocate_(colocate) {
  for (const auto& [key, entity] : entities)
    if (!PaneBuffer::is_other(key)) by_place_[colocation_key(colocate_, key)].push_back(entity.get());
}

const std::vector<const EntityMonitor*>& Colocated::beside(const EntityMonitor& entity) const {
  static const std::vector<const EntityMonitor*> kNone;
  const auto found = by_place_.find(colocation_key(colocate_, entity.key()));
  return found == by_place_.end() ? kNone : found->second;
}

const EntityMonitor* Colocated::whole_of(const EntityMonitor& entity) const {
  const std::string_view differs = sibling_label(colocate_, entity.group());
  if (differs.empty()) return nullptr;
  EntityGroup group = entity.group();
  std::erase(group, differs);
  const auto found = entities_->find(entity_key(group, entity.labels()));
  return found == entities_->end() ? nullptr : found->second.get();
}

std::map<std::string, std::vector<const EntityMonitor*>> Colocated::parts_of(const EntityMonitor& whole) const {
  std::map<std::string, std::vector<const EntityMonitor*>> out;
  for (const EntityMonitor* entity : beside(whole)) {
    if (entity->group().size() != whole.group().size() + 1) continue;
    std::string more;
    size_t shared = 0;
    for (const auto& [name, value] : entity->labels()) {
      const std::string* same = whole.labels().find(name);
      if (same != nullptr && *same == value)
        ++shared;
      else
        more = name;
    }
    if (shared == whole.group().size()) out[more].push_back(entity);
  }
  return out;
}

}  // namespace tidewatch
