#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "detectors/core/time.h"
#include "detectors/sketch/aggregate.h"
#include "stream/runtime/effects.h"
#include "stream/window/measures.h"
#include "tidewatch/v1/partial.pb.h"

namespace tidewatch {

/// Whether a request had anything of a model in it.
enum class RequestKind : uint8_t { genai, plain };

/// Aggregates of one entity in one pane, as one task saw them in one commit.
class PaneCells {
 public:
  /// The aggregate of a measure, made when first asked for.
  Aggregate& cell(MeasureId id, const MeasureInfo& info);
  /// A label had this value in a request; the earliest request of each value is kept, up to kMaxSightings values.
  void saw(std::string_view label, std::string_view value, Timestamp time, std::string_view trace_id);

  static constexpr size_t kMaxSightings = 256;

 private:
  friend class Combiner;
  std::vector<std::pair<MeasureId, Aggregate>> cells_;
  std::vector<v1::Sighting> sightings_;
};

/// Combines what a task adds between two commits, by entity and pane, so that few partials leave it (map-side combine).
/// `catalog` outlives it.
class Combiner {
 public:
  Combiner(Duration pane, const MeasureCatalog& catalog) : pane_(pane), catalog_(&catalog) {}

  /// `kind`: plain requests make partials of their own, so that detect can leave out entities that have no others.
  PaneCells& at(std::string_view entity, Timestamp time, RequestKind kind = RequestKind::genai);
  /// Emits one partial for each entity and pane, in their order, and forgets them.
  void flush(Effects& out);

 private:
  Duration pane_;
  const MeasureCatalog* catalog_;
  absl::flat_hash_map<std::tuple<std::string, Timestamp::rep, RequestKind>, std::unique_ptr<PaneCells>> panes_;
};

/// Which values of a measure are worth an exemplar.
WorstEnd worst_end_of(const MeasureInfo& info);

}  // namespace tidewatch
