#include "stream/assemble/combiner.h"

#include <algorithm>
#include <tuple>

#include "stream/window/entity.h"

namespace tidewatch {

WorstEnd worst_end_of(const MeasureInfo& info) {
  return info.worse == Worse::down ? WorstEnd::smallest : WorstEnd::largest;
}

Aggregate& PaneCells::cell(MeasureId id, const MeasureInfo& info) {
  const auto found = std::find_if(cells_.begin(), cells_.end(), [&](const auto& cell) { return cell.first == id; });
  if (found != cells_.end()) return found->second;
  return cells_.emplace_back(id, Aggregate(info.kind, worst_end_of(info))).second;
}

void PaneCells::saw(std::string_view label, std::string_view value, Timestamp time, std::string_view trace_id) {
  if (value.empty()) return;
  const int64_t nanos = time.time_since_epoch().count();
  const auto found = std::find_if(sightings_.begin(), sightings_.end(),
                                  [&](const auto& s) { return s.value() == value && s.label() == label; });
  if (found == sightings_.end()) {
    if (sightings_.size() >= kMaxSightings) return;
    auto& sighting = sightings_.emplace_back();
    sighting.set_label(std::string(label));
    sighting.set_value(std::string(value));
    sighting.set_time_unix_nano(nanos);
    sighting.set_trace_id(std::string(trace_id));
  } else if (std::tuple(nanos, trace_id) < std::tuple(found->time_unix_nano(), std::string_view(found->trace_id()))) {
    found->set_time_unix_nano(nanos);
    found->set_trace_id(std::string(trace_id));
  }
}

PaneCells& Combiner::at(std::string_view entity, Timestamp time, RequestKind kind) {
  auto& cells = panes_[{std::string(entity), align_down(time, pane_).time_since_epoch().count(), kind}];
  if (!cells) cells = std::make_unique<PaneCells>();
  return *cells;
}

void Combiner::flush(Effects& out) {
  std::vector<const decltype(panes_)::value_type*> sorted;
  sorted.reserve(panes_.size());
  for (const auto& pane : panes_) sorted.push_back(&pane);
  std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->first < b->first; });
  std::string bytes;
  for (const auto* pane : sorted) {
    const auto& [entity, start, kind] = pane->first;
    v1::Partial partial;
    const auto labels = parse_entity_key(entity);
    TW_CHECK(labels.ok(), "entity keys are made by entity_key()");
    for (const auto& [name, value] : *labels) {
      auto* label = partial.add_entity();
      label->set_name(name);
      label->set_value(value);
    }
    partial.set_pane_start_unix_nano(start);
    partial.set_pane_width_nano(pane_.count());
    partial.set_plain(kind == RequestKind::plain);
    auto& cells = pane->second->cells_;
    std::sort(cells.begin(), cells.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [id, aggregate] : cells) {
      auto* measure = partial.add_measures();
      measure->set_measure(catalog_->info(id).name);
      measure->set_aggregate(aggregate.serialize());
    }
    auto& sightings = pane->second->sightings_;
    std::sort(sightings.begin(), sightings.end(), [](const auto& a, const auto& b) {
      return std::tie(a.label(), a.value()) < std::tie(b.label(), b.value());
    });
    for (auto& sighting : sightings) *partial.add_sightings() = std::move(sighting);
    bytes.clear();
    partial.SerializeToString(&bytes);
    out.emit(Stream::partials, entity, bytes);
  }
  out.count("partials", {}, sorted.size());
  panes_.clear();
}

}  // namespace tidewatch
