#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "detectors/core/measure.h"
#include "detectors/core/window.h"

namespace tidewatch {

/// What a change of a measure means to people: decides severity, the words of alerts and the quality index.
enum class MeasureClass : uint8_t { quality, safety, error, latency, cost, feedback, volume, behaviour };
std::string_view name_of(MeasureClass measure_class);

enum class Unit : uint8_t { share, seconds, tokens, usd, count, score, characters };
std::string_view name_of(Unit unit);

/// Which way is worse; `none` where either way is only different.
enum class Worse : uint8_t { up, down, none };

/// A measure by name: the only place where its kind, unit and meaning are written.
struct MeasureInfo {
  std::string name;
  MeasureKind kind;
  Unit unit;
  MeasureClass measure_class;
  Worse worse;
  double index_weight = 0;  ///< weight in the 0-100 quality index; 0: not part of it
  std::string help;
};

/// What the measure's values can be: shares, groundedness and ratings in [0, 1], amounts not negative, scores anything.
Domain domain_of(const MeasureInfo& info);

using MeasureId = uint16_t;

/// Ids of the built-in measures, in the order of measures.def.
enum BuiltinMeasure : MeasureId {
#define MEASURE(id, kind, unit, measure_class, worse, weight, help) m_##id,
#include "stream/window/measures.def"
#undef MEASURE
  kBuiltinMeasures
};

/// Every measure an engine knows: the built-in ones, those of the config, and evaluation scores as they appear
/// (`score_<name>`, `pass_<name>`; at most kMaxMeasures, then the rest is refused).
class MeasureCatalog {
 public:
  static constexpr size_t kMaxMeasures = 512;
  MeasureCatalog();

  /// Adds a measure, or finds it when it is there with the same kind; nullopt when full or of another kind.
  std::optional<MeasureId> add(const MeasureInfo& info);
  std::optional<MeasureId> find(std::string_view name) const;
  /// Finds a measure, or makes one from a name that tells its kind (`score_...`: distribution, `pass_...`: rate).
  std::optional<MeasureId> find_or_derive(std::string_view name);
  const MeasureInfo& info(MeasureId id) const { return measures_[id]; }
  void set_index_weight(MeasureId id, double weight) { measures_[id].index_weight = weight; }
  size_t size() const { return measures_.size(); }

 private:
  std::vector<MeasureInfo> measures_;
};

/// A number that is watched: "latency_p95" is the p95 of the distribution `latency`.
struct WatchedMeasure {
  MeasureId measure;
  Statistic statistic;
};
/// Splits a watched name into measure and statistic. A distribution without a suffix means its mean.
std::optional<WatchedMeasure> resolve_watched(MeasureCatalog& catalog, std::string_view name);
std::string watched_name(const MeasureCatalog& catalog, WatchedMeasure watched);

}  // namespace tidewatch
