#pragma once

#include <optional>
#include <vector>

#include "app/config/names.h"
#include "stream/detect/options.h"
#include "stream/window/measures.h"

namespace tidewatch::config {

/// A least effect as written: `15%` is relative; `0.5pp`, `200ms`, `0.01 USD`, `50 tokens` are absolute, in the unit of
/// a measure.
struct Effect {
  double value = 0;
  std::optional<Unit> unit;  ///< empty: relative
};
Type<Effect> effect();

/// Both needs of a rule are what is written: what is not written of the two is not needed. Reports units that are not
/// those of the rule's measures.
void take_effects(Reader& reader, const Place& place, const std::vector<Effect>& effects, const Names& names,
                  DetectorRule& rule);
std::vector<Effect> effects_of(const DetectorRule& rule, const Names& names);

}  // namespace tidewatch::config
