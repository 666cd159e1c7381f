#include "stream/detect/relatives.h"

#include <algorithm>
#include <utility>

#include "detectors/baseline/baseline.h"
#include "stream/detect/families.h"
#include "stream/detect/pane_buffer.h"

namespace tidewatch {
namespace {

const Baseline* lent_by(const EntityMonitor& entity, const CompiledRule& rule) {
  const Watcher* watcher = entity.find_watcher(rule);
  return watcher == nullptr ? nullptr : watcher->lent();
}

}  // namespace

std::optional<Loan> Relatives::of_parent(const EntityMonitor& entity, const CompiledRule& rule) const {
  EntityGroup group = entity.group();
  for (std::string_view label = book_->sibling_label(group); !label.empty(); label = book_->sibling_label(group)) {
    group.erase(std::find(group.begin(), group.end(), label));
    const auto found = entities_->find(entity_key(group, entity.labels()));
    if (found == entities_->end()) continue;
    if (const Baseline* baseline = lent_by(*found->second, rule)) return Loan{found->first, baseline, 0};
  }
  return std::nullopt;
}

std::vector<const EntityMonitor*> Relatives::siblings_of(const EntityMonitor& entity) const {
  if (!families_) {
    families_.emplace();
    for (const auto& [key, other] : *entities_)
      if (std::string family = family_of(*other, *book_); !family.empty() && !PaneBuffer::is_other(key))
        (*families_)[std::move(family)].push_back(other.get());
    for (auto& [family, members] : *families_)
      std::stable_sort(members.begin(), members.end(), [this](const auto* a, const auto* b) {
        return a->weight(now_) > b->weight(now_);  // equal ones stay by key
      });
  }
  std::vector<const EntityMonitor*> out;
  const auto family = families_->find(family_of(entity, *book_));
  if (family == families_->end()) return out;
  for (const EntityMonitor* member : family->second)
    if (member != &entity && out.size() < Families::kMostSiblings) out.push_back(member);
  return out;
}

std::optional<Loan> Relatives::find(const EntityMonitor& entity, const CompiledRule& rule) const {
  if (PaneBuffer::is_other(entity.key())) return std::nullopt;
  std::optional<Loan> out = of_parent(entity, rule);
  std::vector<const Baseline*> others;
  for (const EntityMonitor* sibling : siblings_of(entity)) {
    const Baseline* baseline = lent_by(*sibling, rule);
    if (baseline == nullptr) continue;
    if (out)
      others.push_back(baseline);
    else
      out = Loan{sibling->key(), baseline, 0};
  }
  if (out) out->variance_between = out->baseline->variance_between(others);
  return out;
}

}  // namespace tidewatch
