#include "stream/window/measures.h"

#include <algorithm>
#include <iterator>

namespace tidewatch {

std::string_view name_of(MeasureClass measure_class) {
  switch (measure_class) {
    case MeasureClass::quality:
      return "quality";
    case MeasureClass::safety:
      return "safety";
    case MeasureClass::error:
      return "error";
    case MeasureClass::latency:
      return "latency";
    case MeasureClass::cost:
      return "cost";
    case MeasureClass::feedback:
      return "feedback";
    case MeasureClass::volume:
      return "volume";
    case MeasureClass::behaviour:
      return "behaviour";
  }
  return "unknown";
}

std::string_view name_of(Unit unit) {
  switch (unit) {
    case Unit::share:
      return "share";
    case Unit::seconds:
      return "seconds";
    case Unit::tokens:
      return "tokens";
    case Unit::usd:
      return "usd";
    case Unit::count:
      return "count";
    case Unit::score:
      return "score";
    case Unit::characters:
      return "characters";
  }
  return "unknown";
}

Domain domain_of(const MeasureInfo& info) {
  constexpr std::string_view kScaledScores[] = {"groundedness", "rating"};
  const bool is_scaled =
      std::find(std::begin(kScaledScores), std::end(kScaledScores), info.name) != std::end(kScaledScores);
  Domain out;
  if (info.unit != Unit::score || is_scaled) out.low = 0;
  if (info.unit == Unit::share || is_scaled) out.high = 1;
  return out;
}

MeasureCatalog::MeasureCatalog() {
#define MEASURE(id, kind_, unit_, class_, worse_, weight, help_) \
  measures_.push_back({#id, MeasureKind::kind_, Unit::unit_, MeasureClass::class_, Worse::worse_, weight, help_});
#include "stream/window/measures.def"
#undef MEASURE
}

std::optional<MeasureId> MeasureCatalog::find(std::string_view name) const {
  const auto found = std::find_if(measures_.begin(), measures_.end(), [&](const auto& m) { return m.name == name; });
  if (found == measures_.end()) return std::nullopt;
  return static_cast<MeasureId>(found - measures_.begin());
}

std::optional<MeasureId> MeasureCatalog::add(const MeasureInfo& info) {
  if (const auto known = find(info.name)) return measures_[*known].kind == info.kind ? known : std::nullopt;
  if (measures_.size() >= kMaxMeasures) return std::nullopt;
  measures_.push_back(info);
  return static_cast<MeasureId>(measures_.size() - 1);
}

std::optional<MeasureId> MeasureCatalog::find_or_derive(std::string_view name) {
  if (const auto known = find(name)) return known;
  const auto what = name.substr(std::min(name.size(), name.find('_') + 1));
  if (name.starts_with("score_"))
    return add({std::string(name), MeasureKind::distribution, Unit::score, MeasureClass::quality, Worse::down, 2,
                "evaluation score: " + std::string(what)});
  if (name.starts_with("pass_"))
    return add({std::string(name), MeasureKind::rate, Unit::share, MeasureClass::quality, Worse::down, 2,
                "evaluations passed: " + std::string(what)});
  return std::nullopt;
}

std::optional<WatchedMeasure> resolve_watched(MeasureCatalog& catalog, std::string_view name) {
  const auto whole = [&](MeasureId id) {
    const bool distribution = catalog.info(id).kind == MeasureKind::distribution;
    return WatchedMeasure{id, distribution ? Statistic::mean : Statistic::value};
  };
  if (const auto id = catalog.find(name)) return whole(*id);
  // Before a measure is made of the name: score_relevance_p95 is a statistic of score_relevance.
  const size_t cut = name.rfind('_');
  for (const auto statistic : {Statistic::mean, Statistic::p50, Statistic::p95, Statistic::p99}) {
    if (cut == std::string_view::npos || name.substr(cut + 1) != name_of(statistic)) continue;
    const auto id = catalog.find_or_derive(name.substr(0, cut));
    if (id && catalog.info(*id).kind == MeasureKind::distribution) return WatchedMeasure{*id, statistic};
  }
  if (const auto id = catalog.find_or_derive(name)) return whole(*id);
  return std::nullopt;
}

std::string watched_name(const MeasureCatalog& catalog, WatchedMeasure watched) {
  const auto& info = catalog.info(watched.measure);
  if (watched.statistic == Statistic::value || watched.statistic == Statistic::mean) return info.name;
  return info.name + "_" + std::string(name_of(watched.statistic));
}

}  // namespace tidewatch
