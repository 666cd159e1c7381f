#include "detectors/watch/watch.h"

#include <algorithm>

namespace tidewatch {

double anomaly_score(double surprise, const AlertNeeds& needs) {
  return surprise / (surprise + std::max(needs.surprise, 1e-9));
}

Watched Watch::judge(const Window& window, const Context& context, const AlertRule& rule, std::string_view entity_key) {
  Watched out;
  out.verdict = detector_->score(window, context);
  AlertRule asked = rule;
  asked.needs = out.needs = detector_->alert_needs(rule.needs);
  out.transition = lifecycle_.step(asked, entity_key, window.start, window.width, out.verdict);
  out.is_firing = lifecycle_.is_firing();
  out.decision = lifecycle_.decision();
  detector_->learn(window, out.decision);
  return out;
}

void Watch::save(ByteWriter& out) const {
  detector_->save(out);
  lifecycle_.save(out);
}

Status Watch::load(ByteReader& in) {
  if (auto loaded = detector_->load(in); !loaded) return loaded;
  return lifecycle_.load(in);
}

}  // namespace tidewatch
