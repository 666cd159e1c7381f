#include "detectors/detect/point.h"

namespace tidewatch {

Verdict Point::score(const Window& window, const Context& context) const {
  Verdict verdict;
  if (window.observations.empty()) return verdict;
  const Observation& seen = window.observations[0];
  const auto reading = series_.read(params_, seen, window.season);
  if (!reading) {
    if (is_usable(seen)) verdict.judgement = Judgement::warming_up;
    if (seen.missing()) describe_missing(verdict, series_, params_, seen, window.season);
    verdict.value = seen.value;
    return verdict;
  }
  describe(verdict, reading->prediction, seen);
  verdict.surprise = surprise_of(reading->tail.p_value(context.direction));
  verdict.judgement = warm() ? Judgement::scored : Judgement::warming_up;
  return verdict;
}

void Point::learn(const Window& window, const Decision& decision) {
  if (!window.observations.empty()) series_.learn(params_, window.observations[0], window, decision);
}

}  // namespace tidewatch
