#include "stream/session/behaviour.h"

namespace tidewatch {

void Behaviour::for_each_entity(const Labels& labels, Timestamp time, const Add& add) {
  for (const auto& group : groups_) {
    const std::string key = entity_key(group, labels);
    if (!key.empty()) add(combiner_.at(key, time));
  }
}

void Behaviour::add(const FollowUp& follow_up) {
  const Step& answer = follow_up.answer;
  for_each_entity(answer.labels, follow_up.next.end, [&](PaneCells& cells) {
    if (follow_up.is_rephrase) of(cells, m_rephrase_rate).add_trial(*follow_up.is_rephrase, 1, &answer.exemplar);
    if (answer.is_refused) of(cells, m_followup_after_refusal_rate).add_trial(true, 1, &answer.exemplar);
  });
}

void Behaviour::add(const SessionEnd& end) {
  const Exemplar* shown = &end.first.exemplar;
  for_each_entity(end.first.labels, end.at, [&](PaneCells& cells) {
    of(cells, m_abandonment_rate).add_trial(end.is_abandoned(), 1, shown);
    of(cells, m_single_turn_rate).add_trial(end.turns == 1, 1, shown);
    of(cells, m_turns_per_session).add_value(static_cast<double>(end.turns), 1, shown);
    of(cells, m_session_length).add_value(to_seconds(end.length), 1, shown);
  });
  if (!end.last.is_refused) return;
  for_each_entity(end.last.labels, end.at, [&](PaneCells& cells) {
    of(cells, m_followup_after_refusal_rate).add_trial(false, 1, &end.last.exemplar);
  });
}

}  // namespace tidewatch
