#include "detectors/detect/point.h"

namespace tidewatch {
namespace {

constexpr uint8_t kVersion = 1;
// Windows beyond a number of bits that the claim is worth, as a prior.
constexpr double kPriorEvents = 30;

}  // namespace

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
  verdict.surprise = surprise_of(recalibration_.p_value(reading->tail, context.direction, kPriorEvents));
  verdict.judgement = warm() ? Judgement::scored : Judgement::warming_up;
  return verdict;
}

void Point::learn(const Window& window, const Decision& decision) {
  if (window.observations.empty()) return;
  const Observation& seen = window.observations[0];
  const auto reading = series_.read(params_, seen, window.season);
  if (reading && warm()) recalibration_.learn(reading->tail, learning_weight(decision));
  series_.learn(params_, seen, reading, window, decision);
}

void Point::save(ByteWriter& out) const {
  out.put(kVersion);
  recalibration_.save(out);
  series_.save(out);
}

Status Point::load(ByteReader& in) {
  const auto version = in.get<uint8_t>();
  if (in.ok() && version != kVersion) return Error{"unknown_version", "point: not a version this build can read"};
  Recalibration read;
  if (!read.load(in)) return Error{"corrupt", "point: its state is cut off or out of range"};
  if (auto loaded = series_.load(in); !loaded) return loaded;
  recalibration_ = read;
  return ok_status();
}

}  // namespace tidewatch
