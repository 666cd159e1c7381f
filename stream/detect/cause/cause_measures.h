#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "detectors/decide/cause/evidence.h"
#include "stream/window/measures.h"

namespace tidewatch {

/// A measure that tells of causes: what it speaks of, and how much it has to move to count.
struct CauseMeasure {
  uint8_t code;  ///< in stored state: never used again for another
  MeasureId measure;
  Statistic statistic;
  Trait trait;
  double least_relative;
  double least_absolute;  ///< in the measure's units
};

/// Those that are kept of every entity (RecentPast). Of one trait, the first that moved is told.
std::span<const CauseMeasure> cause_measures();
/// Null: nothing is kept of it.
const CauseMeasure* find_cause_measure(MeasureId measure);
const CauseMeasure* cause_measure_of(uint8_t code);  ///< null: of another build

/// Labels whose shares are kept, by the measure that counts them.
struct CauseLabel {
  uint8_t code;  ///< likewise
  MeasureId measure;
  Facet facet;
  double least_moved;  ///< share of traffic with another value that counts
};
std::span<const CauseLabel> cause_labels();
const CauseLabel* cause_label_of(uint8_t code);  ///< null: of another build

/// The facet that a label of entities is: "prompt_version".
std::optional<Facet> facet_of(std::string_view label);

/// What an alert on this measure is about.
Trait trait_of(MeasureId measure, const MeasureInfo& info);

/// How people read a number of this unit.
Quantity quantity_of(Unit unit);
std::string_view noun_of(Unit unit);

}  // namespace tidewatch
