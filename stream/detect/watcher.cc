#include "stream/detect/watcher.h"

namespace tidewatch {

Judged Watcher::judge(const Cells& cells, Timestamp start, SeasonSlot season, std::string_view entity_key,
                      bool is_suppressed) {
  Judged out;
  out.rule = rule_;
  for (const auto& watched : rule_->measures) {
    const Aggregate* aggregate = cells.find(watched.measure);
    out.observations.push_back(aggregate != nullptr ? aggregate->observe(watched.statistic) : Observation{});
  }
  Window window;
  window.start = start;
  window.width = rule_->rule->window;
  window.season = season;
  window.observations = out.observations;
  out.verdict = detector_->score(window, rule_->context());
  out.transition = lifecycle_.step(rule_->alert, entity_key, start, window.width, out.verdict, is_suppressed);
  detector_->learn(window, lifecycle_.decision());
  for (Observation& seen : out.observations) seen.categories = nullptr;  // of cells that do not live as long
  return out;
}

void Watcher::save(ByteWriter& out) const {
  detector_->save(out);
  lifecycle_.save(out);
}

Status Watcher::load(ByteReader& in) {
  if (auto loaded = detector_->load(in); !loaded) return loaded;
  return lifecycle_.load(in);
}

}  // namespace tidewatch
