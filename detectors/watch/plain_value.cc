#include "detectors/watch/plain_value.h"

#include <cmath>

namespace tidewatch {

Observation plain_value(MeasureKind kind, double value) {
  Observation out;
  out.kind = kind;
  if (!std::isfinite(value)) return out;
  out.value = value;
  out.n = 1;
  // A sum counts events of size one. Of the others this is all that is known: their variation is learnt, not sampled.
  if (kind == MeasureKind::sum) {
    out.n = out.events = out.variance = value;
    if (value == 0) out.n = 1;
  }
  return out;
}

}  // namespace tidewatch
