#include "stream/detect/detect.h"

#include <fmt/format.h>

#include <algorithm>

#include "stream/detect/families.h"
#include "stream/detect/relatives.h"
#include "stream/rollout/rollout_key.h"
#include "stream/window/colocation.h"
#include "tidewatch/v1/partial.pb.h"
#include "tidewatch/v1/state.pb.h"

namespace tidewatch {
namespace {

/// An entity without data for so long is forgotten.
constexpr Duration kForgetAfter = std::chrono::hours(24 * 30);
/// In one pane, entities are told apart up to this many times the number that is kept.
constexpr size_t kPaneOverflow = 4;

}  // namespace

Detect::Detect(DetectOptions options, Calendar calendar, Observer observer)
    : options_(std::move(options)),
      calendar_(std::move(calendar)),
      observer_(std::move(observer)),
      expected_(options_.expected_events),
      panes_(kPaneOverflow * options_.max_entities, catalog_),
      rollout_panes_(kArms * kRandomGroups * options_.rollouts.size(), catalog_) {}

Result<std::unique_ptr<Detect>> Detect::make(const DetectOptions& options, Observer observer) {
  auto calendar = Calendar::open(options.time_zone, options.holidays);
  if (!calendar) return calendar.error();
  auto out = std::unique_ptr<Detect>(new Detect(options, std::move(calendar).value(), std::move(observer)));
  auto book = RuleBook::compile(out->options_, out->catalog_);
  if (!book) return book.error();
  out->book_ = std::move(book).value();
  auto budgets =
      BudgetBook::compile(out->options_.budgets, out->options_.currencies, options.time_zone, options.holidays);
  if (!budgets) return budgets.error();
  out->budgets_ = std::move(budgets).value();
  auto rollouts = RolloutBook::compile(out->options_.rollouts, out->catalog_);
  if (!rollouts) return rollouts.error();
  out->rollouts_ = std::move(rollouts).value();
  auto slos = SloBook::compile(out->options_.slos, out->catalog_);
  if (!slos) return slos.error();
  out->slos_ = std::move(slos).value();
  for (const std::string& name : out->options_.safety_evaluations)
    if (const auto passed = out->catalog_.find_or_derive("pass_" + name))
      out->safety_evaluations_.push_back({name, *passed});
  return Result<std::unique_ptr<Detect>>(std::move(out));
}

Timestamp Detect::boundary(Timestamp watermark) const {
  if (watermark == kMinTimestamp) return kMinTimestamp;
  return align_down(saturating_minus(watermark, options_.allowed_lateness), options_.pane);
}

void Detect::resume(Timestamp watermark) { resumed_through_ = boundary(watermark); }

Status Detect::restore(std::string_view key, std::string_view value) {
  if (key.starts_with(kExpectedKey)) return restore_expected(key, value);
  if (key.starts_with(kRolloutKey)) return restore_rollout(key, value);
  v1::EntityState state;
  if (!state.ParseFromArray(value.data(), static_cast<int>(value.size())))
    return Error{"corrupt", fmt::format("state of \"{}\" is no EntityState", key)};
  if (auto labels = parse_entity_key(key); !labels) return labels.error();
  auto entity = std::make_unique<EntityMonitor>(std::string(key), kMinTimestamp);
  if (auto loaded = entity->load(state.state(), *book_, catalog_); !loaded) return loaded;
  // `colocate` was another: its data goes elsewhere now.
  const std::string_view placement = state.placement().empty() ? key : std::string_view(state.placement());
  if (placement != colocation_key(options_.colocate, key)) entity->hand_over();
  entities_.insert_or_assign(std::string(key), std::move(entity));
  return ok_status();
}

void Detect::on_record(const Record& record, Effects& out) {
  partition_ = record.partition;
  v1::Partial partial;
  const bool is_read = partial.ParseFromArray(record.value.data(), static_cast<int>(record.value.size()));
  if (is_read && partial.has_command()) return on_command(partial.command(), out);
  if (!is_read || !parse_entity_key(record.key))
    return out.dead_letter(record, {"bad_partial", "the record is no partial: is another program writing here?"},
                           record.value);
  if (partial.pane_width_nano() != options_.pane.count())
    return out.dead_letter(record,
                           {"other_pane",
                            "the partial has another pane width: processes that share the work must "
                            "share the config; after a change of time.pane let assemble finish first"},
                           record.value);
  const Timestamp start{Duration(partial.pane_start_unix_nano())};
  const bool is_of_rollout = is_rollout_key(record.key);
  if (start + options_.pane <= closed_through_) {
    if (is_of_rollout) return out.count("late_rollout_partials");
    count_late(partial, out);
    return charge_late(record, partial, out);
  }
  if (auto added = (is_of_rollout ? rollout_panes_ : panes_).add(record.key, partial, record.offset, partition_);
      !added)
    out.dead_letter(record, added.error(), record.value);
}

void Detect::count_late(const v1::Partial& partial, Effects& out) const {
  out.count("late_partials");
  // A request is in the partials of several groups.
  EntityGroup group;
  for (const auto& label : partial.entity()) group.push_back(label.name());
  if (!options_.entities.empty() && group != options_.entities.front()) return;
  for (const auto& measure : partial.measures())
    if (measure.measure() == "requests")
      if (const auto requests = Aggregate::deserialize(measure.aggregate()))
        out.count("late_requests", {}, static_cast<uint64_t>(std::max(0.0, requests->weight())));
}

void Detect::charge_late(const Record& record, const v1::Partial& partial, Effects& out) {
  Cells charged;
  for (const auto& measure : partial.measures()) {
    const auto id = catalog_.find(measure.measure());
    if (!id || !is_charged_late(*id)) continue;
    if (const auto aggregate = Aggregate::deserialize(measure.aggregate());
        aggregate && aggregate->kind() == catalog_.info(*id).kind)
      charged.merge(*id, *aggregate);
  }
  if (charged.empty()) return;
  const Aggregate* cost = charged.find(m_cost);
  const auto entity = entities_.find(std::string(record.key));
  if (entity == entities_.end()) return out.count(cost != nullptr ? "late_spend_left_out" : "late_events_left_out");
  EntityMonitor& known = *entity->second;
  const Timestamp start{Duration(partial.pane_start_unix_nano())};
  bool is_changed = cost != nullptr && charge_late_cost(record, start, *cost, known);
  is_changed |= known.slos().charge_late({&charged, start, record.partition, record.offset}, closed_through_,
                                         known.group(), known.labels(), slos_);
  is_changed |= note_late_confirmed(record, start, charged, known, out);
  if (is_changed) save(known, out);
}

bool Detect::is_charged_late(MeasureId measure) const {
  return (measure == m_cost && !budgets_.empty()) || slos_.watches(measure) ||
         std::any_of(safety_evaluations_.begin(), safety_evaluations_.end(),
                     [&](const SafetyEvaluation& evaluation) { return evaluation.passed == measure; });
}

bool Detect::note_late_confirmed(const Record& record, Timestamp start, const Cells& cells, EntityMonitor& entity,
                                 Effects& out) const {
  const bool is_there = std::any_of(safety_evaluations_.begin(), safety_evaluations_.end(),
                                    [&](const auto& evaluation) { return cells.find(evaluation.passed) != nullptr; });
  if (!is_there || !is_topmost(entity) || !entity.confirmed().takes_late(record.partition, record.offset)) return false;
  note_confirmed(entity, cells, start, closed_through_, out);
  return true;
}

bool Detect::charge_late_cost(const Record& record, Timestamp pane_start, const Aggregate& cost,
                              EntityMonitor& entity) const {
  const EntitySpend::LatePartial late{cost.observe().value, pane_start, record.partition, record.offset};
  return entity.spend().charge_late(late, closed_through_, entity.group(), entity.labels(), budgets_);
}

void Detect::on_watermark(Timestamp watermark, Effects& out) {
  // The end of all input closes what was begun, and nothing after it: time does not go on in silence there.
  Timestamp target = boundary(watermark);
  if (watermark == kMaxTimestamp) {
    target = closed_through_;
    for (const PaneBuffer* panes : {&panes_, &rollout_panes_})
      if (!panes->empty()) target = std::max(target, panes->newest() + options_.pane);
  }
  while (closed_through_ < target) {
    skip_silence(target, out);
    if (closed_through_ >= target) break;
    close_pane(closed_through_, out);
    close_rollouts(closed_through_, out);
    closed_through_ += options_.pane;
    close_windows(closed_through_, out);
  }
}

Timestamp Detect::oldest_pane() const {
  Timestamp out = kMaxTimestamp;
  for (const PaneBuffer* panes : {&panes_, &rollout_panes_})
    if (!panes->empty()) out = std::min(out, panes->oldest());
  return out;
}

void Detect::skip_silence(Timestamp target, Effects& out) {
  // Never beyond the target: what is open there may still get data.
  const Timestamp next = std::min(target, oldest_pane());
  if (next <= closed_through_) return;
  const bool is_begun = closed_through_ != kMinTimestamp;
  // How long it was silent decides a rollout: pane by pane, so that it does not depend on the watermark's steps.
  if (is_begun && rollouts_.is_running()) return;
  if (is_begun && !std::all_of(entities_.begin(), entities_.end(), [&](const auto& entry) {
        return entry.second->is_dormant(closed_through_) && !entry.second->is_filling();
      }))
    return;
  closed_through_ = next;
  if (!is_begun || is_replayed(next)) return;
  Timestamp end = kMinTimestamp;  // of the last window on the way
  for (const Duration width : book_->widths()) end = std::max(end, align_down(next, width));
  forget_silent(end, out);
}

void Detect::close_pane(Timestamp start, Effects& out) {
  const bool has_offset = !panes_.empty() && panes_.oldest() == start;
  PaneBuffer::Pane pane = panes_.take(start);
  if (has_offset) window_offsets_[start] = pane.first_offset;
  add_plain(pane, start, out);
  std::map<EntityMonitor*, Cells> rest;  // of those that are not told apart; they are never evicted
  for (const auto& [key, cells] : pane.entities) {
    EntityMonitor& entity = monitor_of(key, cells, start, out);
    const bool is_old = is_replayed(start + options_.pane);
    const bool has_confirmed =
        !is_old && is_topmost(entity) && note_confirmed(entity, cells, start, start + options_.pane, out);
    if (PaneBuffer::is_other(entity.key())) {
      rest[&entity].merge(cells);
      if (has_confirmed) save(entity, out);
      continue;
    }
    const auto sights = entity.add_pane(cells, start, options_.pane, options_.score_window, book_->widths());
    entity.spend().charge(cells, start, options_.pane, entity.group(), entity.labels(), budgets_);
    entity.slos().charge(cells, start, options_.pane, entity.group(), entity.labels(), slos_);
    if (is_old || (sights.empty() && !has_confirmed)) continue;
    publish_changes(entity, sights, out);
    save(entity, out);
  }
  for (auto& [entity, cells] : rest) entity->merge_pane(cells, start, options_.pane, book_->widths());
}

void Detect::add_plain(PaneBuffer::Pane& pane, Timestamp start, Effects& out) const {
  for (const auto& [key, cells] : pane.plain) {
    const auto known = entities_.find(key);
    const bool is_known = known != entities_.end() && known->second->created() <= start;
    if (is_known || pane.entities.contains(key))
      pane.entities[key].merge(cells);
    else
      out.count("plain_entities_left_out");
  }
}

EntityMonitor& Detect::monitor_of(const std::string& key, const Cells& cells, Timestamp start, Effects& out) {
  if (PaneBuffer::is_other(key)) return other_of(key, start, out);
  if (const auto known = entities_.find(key); known != entities_.end()) {
    // In a replay: it was admitted only later, and was counted in `other` until then.
    return known->second->created() <= start ? *known->second : other_of(key, start, out);
  }
  const bool is_old = is_replayed(start + options_.pane);
  if (entities_.size() >= options_.max_entities) {
    // Who was admitted is in the state topic; what is unknown in a replay was not, or had to go since.
    const auto rarest = is_old ? entities_.end() : rarest_entity(start);
    if (rarest == entities_.end() || rarest->second->weight(start) >= cells.requests()) {
      out.count("entities_in_other");
      return other_of(key, start, out);
    }
    out.count("evicted_entities");
    EntityMonitor& other = other_of(rarest->first, start, out);
    other.take_windows(*rarest->second);
    save(other, out);
    out.emit(Stream::state, rarest->first, {});
    entities_.erase(rarest);
  }
  EntityMonitor& entity = *entities_.emplace(key, std::make_unique<EntityMonitor>(key, start)).first->second;
  if (!is_old) save(entity, out);
  return entity;
}

EntityMonitor& Detect::other_of(const std::string& key, Timestamp start, Effects& out) {
  const std::string name = PaneBuffer::is_other(key) ? key : PaneBuffer::other_key(key, partition_);
  const auto known = entities_.find(name);
  if (known != entities_.end()) return *known->second;
  EntityMonitor& made = *entities_.emplace(name, std::make_unique<EntityMonitor>(name, start)).first->second;
  if (!is_replayed(start + options_.pane)) save(made, out);
  return made;
}

EntityMonitors::iterator Detect::rarest_entity(Timestamp now) {
  auto rarest = entities_.end();
  for (auto at = entities_.begin(); at != entities_.end(); ++at) {
    if (PaneBuffer::is_other(at->first) || at->second->is_firing() || at->second->spend().has_budgets() ||
        at->second->slos().has_slos())
      continue;
    if (rarest == entities_.end() || at->second->weight(now) < rarest->second->weight(now)) rarest = at;
  }
  return rarest;
}

void Detect::close_windows(Timestamp end, Effects& out) {
  bool has_closed = false;
  for (const Duration width : book_->widths()) has_closed |= align_down(end, width) == end;
  if (!has_closed) return;
  std::map<Duration, std::map<const EntityMonitor*, Cells>> siblings;  // all of them before any window is taken away
  for (const Duration width : book_->widths())
    if (align_down(end, width) == end && !is_replayed(end)) siblings[width] = siblings_in(width);
  const Relatives relatives(entities_, *book_, end);
  std::vector<Fired> fired;
  std::vector<Overspent> overspent;
  std::vector<Burning> burning;
  for (const auto& [key, entity] : entities_) {
    bool is_judged = !is_replayed(end) && resolve_orphans(*entity, end, out);
    for (const Duration width : book_->widths()) {
      if (align_down(end, width) != end) continue;
      // What was decided of it is in the state topic.
      if (is_replayed(end)) {
        entity->drop_window(width);
        continue;
      }
      static const Cells kNone;
      const auto& of_width = siblings[width];
      const auto found = of_width.find(entity.get());
      const Kin kin{found == of_width.end() ? &kNone : &found->second, options_.borrow ? &relatives : nullptr};
      const bool is_expected = expected_.covers(entity->labels(), end - width, end);
      auto closed = entity->close(end, width, *book_, calendar_.slot(end - width), kin, is_expected);
      if (!closed.is_judged) continue;
      is_judged = true;
      if (width == options_.score_window) entity->remember(closed.cells, end - width, end);
      if (observer_)
        for (const Judged& judged : closed.judged) observer_(*entity, judged);
      if (width == options_.score_window) publish_score(*entity, closed, end, out);
      if (width == options_.score_window) raise_confirmed(*entity, entity->confirmed().decide(end), out);
      if (width == options_.score_window)
        for (BudgetNews& news : entity->spend().decide(end, entity->group(), entity->labels(), budgets_)) {
          const Aggregate* cost = closed.cells.find(m_cost_per_request);
          overspent.push_back({entity.get(), std::move(news), cost ? cost->exemplars() : std::vector<Exemplar>{}});
        }
      if (width == options_.score_window)
        for (SloNews& news : entity->slos().decide(end, entity->group(), entity->labels(), slos_, is_expected)) {
          const bool is_shown = news.slo != nullptr && news.slo->shows_bad();
          const Aggregate* seen = is_shown ? closed.cells.find(news.slo->measure()) : nullptr;
          burning.push_back({entity.get(), std::move(news), seen ? seen->exemplars() : std::vector<Exemplar>{}});
        }
      for (Judged& judged : closed.judged)
        if (judged.transition) fired.push_back({entity.get(), std::move(judged)});
    }
    if (!is_judged) continue;
    entity->learnt(end);
    save(*entity, out);
  }
  raise_alerts(fired, out);
  raise_budgets(overspent, out);
  raise_slos(burning, out);
  Timestamp filling = end;  // start of the earliest window that is
  for (const Duration width : book_->widths()) filling = std::min(filling, align_down(end, width));
  window_offsets_.erase(window_offsets_.begin(), window_offsets_.lower_bound(filling));
  if (!is_replayed(end)) forget_silent(end, out);
}

std::map<const EntityMonitor*, Cells> Detect::siblings_in(Duration width) {
  // Rules for measures that appear now exist from now on, whichever entity is judged first.
  for (const auto& [key, entity] : entities_)
    if (const Cells* cells = entity->window(width))
      for (const auto& [id, aggregate] : *cells) book_->saw_measure(id);
  std::map<const EntityMonitor*, Cells> out;
  Families families(*book_, width);
  if (families.empty()) return out;
  for (const auto& [key, entity] : entities_) families.add(*entity);
  for (const auto& [key, entity] : entities_)
    if (Cells cells = families.siblings_of(*entity); !cells.empty()) out.emplace(entity.get(), std::move(cells));
  return out;
}

void Detect::forget_silent(Timestamp now, Effects& out) {
  forget_expected(now, out);
  for (auto at = entities_.begin(); at != entities_.end();) {
    if (now - at->second->last_data() > kForgetAfter && !at->second->is_firing()) {
      out.emit(Stream::state, at->first, {});
      out.count("forgotten_entities");
      at = entities_.erase(at);
    } else {
      ++at;
    }
  }
}

int64_t Detect::needed_from() const {
  const int64_t filling = window_offsets_.empty() ? kNothingNeeded : window_offsets_.begin()->second;
  // A later pane may have begun at an earlier record.
  int64_t oldest = std::min({filling, panes_.oldest_offset(), rollout_panes_.oldest_offset()});
  for (const auto& [start, offset] : window_offsets_) oldest = std::min(oldest, offset);
  return oldest;
}

size_t Detect::memory_bytes() const {
  size_t out = 0;
  for (const auto& [key, entity] : entities_) out += entity->memory_bytes();
  return out;
}

}  // namespace tidewatch
