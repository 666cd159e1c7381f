#include "stream/detect/entity_monitor.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "stream/detect/relatives.h"

namespace tidewatch {
namespace {

// 3: what the surprise of each watcher is worth.
constexpr uint8_t kVersion = 3;
/// Without data for so long, and without an alert, an entity is not judged any more until data comes back.
constexpr Duration kDormantAfter = std::chrono::hours(24 * 2);
constexpr double kWeightHalfLifeSeconds = 86400;

int64_t nanos(Timestamp time) { return time.time_since_epoch().count(); }
Timestamp from_nanos(int64_t value) { return Timestamp(Duration(value)); }

}  // namespace

EntityMonitor::EntityMonitor(std::string key, Timestamp created)
    : key_(std::move(key)),
      created_(created),
      learnt_through_(created),
      counted_through_(created),
      last_data_(created),
      weight_at_(created) {
  auto labels = parse_entity_key(key_);
  TW_CHECK(labels.ok(), "entity keys are made by entity_key()");
  labels_ = std::move(labels).value();
  for (const auto& [name, value] : labels_) group_.push_back(name);
}

double EntityMonitor::weight(Timestamp now) const {
  return weight_ * std::exp2(-to_seconds(now - weight_at_) / kWeightHalfLifeSeconds);
}

void EntityMonitor::merge_pane(const Cells& cells, Timestamp start, Duration pane,
                               const std::vector<Duration>& widths) {
  for (const Duration width : widths)
    if (align_down(start, width) + width > learnt_through_) windows_[width].merge(cells);
  last_data_ = std::max(last_data_, start + pane);
}

std::vector<FirstSight> EntityMonitor::add_pane(const Cells& cells, Timestamp start, Duration pane, Duration settling,
                                                const std::vector<Duration>& widths) {
  merge_pane(cells, start, pane, widths);
  if (start + pane <= counted_through_) return {};
  counted_through_ = start + pane;
  weight_ = weight(std::max(start, weight_at_)) + cells.requests();
  weight_at_ = std::max(start, weight_at_);
  return known_.note(cells.sightings(), start < created_ + settling);
}

void EntityMonitor::take_windows(EntityMonitor& from) {
  for (auto& [width, cells] : from.windows_) windows_[width].merge(cells);
  from.windows_.clear();
  last_data_ = std::max(last_data_, from.last_data_);
}

bool EntityMonitor::is_firing() const {
  return !orphans_.empty() || spend_.is_firing() || slos_.is_firing() || confirmed_.is_firing() ||
         std::any_of(watchers_.begin(), watchers_.end(), [](const auto& watcher) { return watcher->is_firing(); });
}

bool EntityMonitor::is_dormant(Timestamp end) const {
  return end - last_data_ > kDormantAfter && orphans_.empty() && !spend_.is_firing() && !slos_.is_firing() &&
         !confirmed_.is_firing() &&
         std::all_of(watchers_.begin(), watchers_.end(), [](const auto& watcher) { return watcher->is_idle(); });
}

const Watcher* EntityMonitor::find_watcher(const CompiledRule& rule) const {
  const auto at =
      std::find_if(watchers_.begin(), watchers_.end(), [&](const auto& watcher) { return &watcher->rule() == &rule; });
  return at == watchers_.end() ? nullptr : at->get();
}

Watcher& EntityMonitor::watcher(const CompiledRule& rule, const Relatives* lenders) {
  const auto at =
      std::find_if(watchers_.begin(), watchers_.end(), [&](const auto& watcher) { return &watcher->rule() == &rule; });
  if (at != watchers_.end()) return **at;
  Watcher& made = *watchers_.emplace_back(make_watcher(rule));
  if (lenders != nullptr)
    if (const auto loan = lenders->find(*this, rule)) made.borrow(*loan);
  return made;
}

std::unique_ptr<Watcher> EntityMonitor::make_watcher(const CompiledRule& rule) const {
  std::vector<Observation> reference;
  for (size_t i = 0; rule.detector->compares_reference && i < rule.measures.size(); ++i) {
    const Aggregate* showed = reference_of(rule.measures[i].measure);
    reference.push_back(showed == nullptr ? Observation() : showed->observe(rule.measures[i].statistic));
  }
  return std::make_unique<Watcher>(rule, std::move(reference));
}

void EntityMonitor::look_up_reference(const RuleBook& book) {
  if (!reference_) reference_ = book.reference().matching(labels_);
}

const Aggregate* EntityMonitor::reference_of(MeasureId measure) const {
  if (!reference_) return nullptr;
  for (const ReferenceSet::Entry* entry : *reference_)
    if (const auto found = entry->measures.find(measure); found != entry->measures.end()) return &found->second;
  return nullptr;
}

const Cells* EntityMonitor::window(Duration width) const {
  const auto found = windows_.find(width);
  return found == windows_.end() ? nullptr : &found->second;
}

EntityMonitor::Closed EntityMonitor::close(Timestamp end, Duration width, RuleBook& book, SeasonSlot season,
                                           const Kin& kin, bool is_expected) {
  Closed out;
  if (auto node = windows_.extract(width); !node.empty()) out.cells = std::move(node.mapped());
  if (end <= learnt_through_ || (out.cells.empty() && is_dormant(end))) return out;
  out.is_judged = true;
  look_up_reference(book);
  for (const auto& [id, aggregate] : out.cells) book.saw_measure(id);
  bool is_suppressed = false;
  for (const auto& rule : book.rules()) {
    if (rule->rule->window != width || !book.applies(*rule, group_)) continue;
    const bool has_watcher = find_watcher(*rule) != nullptr;
    const bool has_data = std::any_of(rule->measures.begin(), rule->measures.end(),
                                      [&](const auto& watched) { return out.cells.find(watched.measure) != nullptr; });
    if (!has_watcher && !has_data) continue;  // a measure this entity never showed costs nothing
    const bool is_of_safety = rule->alert.severity.stakes == Stakes::safety;
    const bool is_let_pass = is_expected && !is_of_safety;
    // Answers that are missing say nothing for those that are there.
    Judged judged =
        watcher(*rule, kin.lenders)
            .judge({&out.cells, kin.siblings, end - width, season, is_let_pass}, key_, is_suppressed && !is_of_safety);
    is_suppressed |= judged.verdict.suppresses_quality;
    out.judged.push_back(std::move(judged));
  }
  return out;
}

bool EntityMonitor::mark(std::string_view alert_id, MarkVerdict finding, Timestamp at) {
  return std::any_of(watchers_.begin(), watchers_.end(),
                     [&](const auto& watcher) { return watcher->mark(alert_id, finding, at); });
}

void EntityMonitor::learnt(Timestamp through) { learnt_through_ = std::max(learnt_through_, through); }

size_t EntityMonitor::memory_bytes() const {
  size_t out = sizeof(EntityMonitor) - sizeof(RecentPast) - sizeof(EntitySpend) - sizeof(EntitySlos) +
               past_.memory_bytes() + spend_.memory_bytes() + slos_.memory_bytes() + confirmed_.memory_bytes() +
               key_.size();
  for (const auto& watcher : watchers_) out += watcher->memory_bytes();
  for (const auto& [width, cells] : windows_)
    for (const auto& [id, aggregate] : cells) out += aggregate.memory_bytes();
  return out;
}

std::string EntityMonitor::save() const {
  ByteWriter out;
  out.put(kVersion);
  for (const Timestamp time : {created_, learnt_through_, counted_through_, last_data_, weight_at_})
    out.put(nanos(time));
  out.put(weight_);
  known_.save(out);
  // By name: instances of a pattern rule exist in the order in which their measures appeared somewhere.
  std::vector<const Watcher*> sorted;
  sorted.reserve(watchers_.size());
  for (const auto& watcher : watchers_) sorted.push_back(watcher.get());
  std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->rule().name < b->rule().name; });
  out.put_varint(sorted.size());
  for (const Watcher* watcher : sorted) {
    ByteWriter state;
    watcher->save(state);
    out.put_string(watcher->rule().name);
    out.put_string(watcher->rule().identity());
    out.put_string(state.bytes());
    ByteWriter lifecycle;
    watcher->lifecycle().save(lifecycle);
    out.put_string(lifecycle.bytes());
    ByteWriter description;  // should the rule be gone when this is read
    if (watcher->is_firing()) describe_alert(watcher->rule()).save(description);
    out.put_string(description.bytes());
  }
  out.put_varint(orphans_.size());
  for (const OrphanedAlert& orphan : orphans_) {
    orphan.about.save(out);
    orphan.lifecycle.save(out);
  }
  past_.save(out);
  // Each is preceded by those before it.
  const bool has_slos = slos_.has_slos() || !confirmed_.empty();
  if (!spend_.empty() || has_slos) spend_.save(out);
  if (has_slos) slos_.save(out);
  if (!confirmed_.empty()) confirmed_.save(out);
  return std::move(out).bytes();
}

std::vector<Retired> EntityMonitor::retire_orphans(Timestamp end) {
  std::vector<Retired> out;
  for (OrphanedAlert& orphan : orphans_)
    if (auto resolved = orphan.lifecycle.retire(orphan.about.name, key_, end))
      out.push_back({std::move(orphan.about), std::move(*resolved)});
  orphans_.clear();
  return out;
}

void EntityMonitor::hand_over() {
  for (const auto& watcher : watchers_)
    if (watcher->is_firing()) orphans_.push_back({describe_alert(watcher->rule()), watcher->lifecycle()});
  watchers_.clear();
  spend_.hand_over();
  slos_.hand_over();
}

Status EntityMonitor::load(std::string_view bytes, RuleBook& book, MeasureCatalog& catalog) {
  ByteReader in(bytes);
  if (in.get<uint8_t>() != kVersion) return Error{"unknown_version", "entity: not a version this build can read"};
  for (Timestamp* time : {&created_, &learnt_through_, &counted_through_, &last_data_, &weight_at_})
    *time = from_nanos(in.get<int64_t>());
  weight_ = in.get<double>();
  if (!known_.load(in)) return Error{"corrupt", "entity: its state is cut off"};
  look_up_reference(book);
  for (uint64_t left = in.get_count(3); left > 0; --left) {
    const std::string name(in.get_string());
    const std::string identity(in.get_string());
    ByteReader state(in.get_string());
    ByteReader lifecycle_state(in.get_string());
    ByteReader description(in.get_string());
    AlertLifecycle lifecycle;
    if (auto loaded = lifecycle.load(lifecycle_state); !loaded) return loaded;
    // An instance of a pattern rule exists only once its measure was seen.
    if (const size_t slash = name.find('/'); slash != std::string::npos)
      if (const auto id = catalog.find_or_derive(name.substr(slash + 1))) book.saw_measure(*id);
    const auto rule = std::find_if(book.rules().begin(), book.rules().end(), [&](const auto& known) {
      return known->name == name && known->identity() == identity && book.applies(*known, group_);
    });
    if (rule != book.rules().end()) {
      auto watcher = make_watcher(**rule);
      if (watcher->load(state, lifecycle)) {
        watchers_.push_back(std::move(watcher));
        continue;
      }
    }
    if (!lifecycle.is_firing()) continue;
    OrphanedAlert& orphan = orphans_.emplace_back();
    orphan.lifecycle = lifecycle;
    if (!orphan.about.load(description)) return Error{"corrupt", "entity: its state is cut off"};
  }
  for (uint64_t left = in.get_count(8); left > 0; --left) {
    OrphanedAlert& orphan = orphans_.emplace_back();
    if (!orphan.about.load(in)) return Error{"corrupt", "entity: its state is cut off"};
    if (auto loaded = orphan.lifecycle.load(in); !loaded) return loaded;
  }
  // Builds before causes were looked for end here.
  if (in.ok() && !in.at_end() && !past_.load(in)) return Error{"corrupt", "entity: its recent past cannot be read"};
  // Those before budgets, and without any.
  if (in.ok() && !in.at_end() && !spend_.load(in)) return Error{"corrupt", "entity: what it spent cannot be read"};
  // Those before SLOs, and without any.
  if (in.ok() && !in.at_end() && !slos_.load(in)) return Error{"corrupt", "entity: its error budgets cannot be read"};
  // Those before confirmed cases, and without any.
  if (in.ok() && !in.at_end() && !confirmed_.load(in))
    return Error{"corrupt", "entity: its confirmed cases cannot be read"};
  if (!in.ok() || !in.at_end()) return Error{"corrupt", "entity: its state is cut off"};
  return ok_status();
}

}  // namespace tidewatch
