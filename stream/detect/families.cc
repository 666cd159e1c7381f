#include "stream/detect/families.h"

#include <algorithm>
#include <tuple>

namespace tidewatch {

std::string family_of(const EntityMonitor& entity, const RuleBook& book) {
  const std::string_view differs = book.sibling_label(entity.group());
  if (differs.empty()) return {};
  EntityGroup shared;
  std::string out;  // groups may share labels and differ in another one
  for (const auto& label : entity.group()) {
    if (label != differs) shared.push_back(label);
    out += label + "/";
  }
  return out + entity_key(shared, entity.labels());
}

Families::Families(const RuleBook& book, Duration width) : book_(&book), width_(width) {
  for (const auto& rule : book.rules())
    if (rule->detector->compares_siblings && rule->rule->window == width) compared_.push_back(rule.get());
}

std::string Families::compared_family(const EntityMonitor& entity) const {
  const bool is_compared = std::any_of(compared_.begin(), compared_.end(),
                                       [&](const auto* rule) { return book_->applies(*rule, entity.group()); });
  return is_compared ? family_of(entity, *book_) : std::string();
}

void Families::add(const EntityMonitor& entity) {
  const Cells* cells = entity.window(width_);
  if (cells == nullptr || cells->empty()) return;
  const std::string family = compared_family(entity);
  if (family.empty()) return;
  auto& members = families_[family];
  const auto before = [](const Member& a, const Member& b) {
    return std::tuple(-a.cells->requests(), std::string_view(a.entity->key())) <
           std::tuple(-b.cells->requests(), std::string_view(b.entity->key()));
  };
  const Member member{&entity, cells};
  members.insert(std::upper_bound(members.begin(), members.end(), member, before), member);
  if (members.size() > kMostSiblings + 1) members.pop_back();
}

Cells Families::siblings_of(const EntityMonitor& entity) const {
  Cells out;
  const auto family = families_.find(compared_family(entity));
  if (family == families_.end()) return out;
  for (const Member& member : family->second) {
    if (member.entity == &entity || member.entity->created() > entity.created() + kHeadStart) continue;
    for (const CompiledRule* rule : compared_) {
      if (!book_->applies(*rule, entity.group())) continue;
      const MeasureId id = rule->measures[0].measure;
      const Aggregate* aggregate = member.cells->find(id);
      if (aggregate != nullptr) out.merge(id, *aggregate);
    }
  }
  return out;
}

}  // namespace tidewatch
