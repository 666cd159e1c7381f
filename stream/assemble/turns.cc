#include "stream/assemble/turns.h"

#include <algorithm>

#include "tidewatch/v1/turn.pb.h"

namespace tidewatch {
namespace {

v1::Turn turn_of(const Exemplar& exemplar, const Labels& labels, const std::set<std::string, std::less<>>& carried) {
  v1::Turn out;
  out.set_trace_id(exemplar.trace_id);
  out.mutable_source()->set_topic(exemplar.topic);
  out.mutable_source()->set_partition(exemplar.partition);
  out.mutable_source()->set_offset(exemplar.offset);
  for (const auto& [name, value] : labels) {
    if (!carried.contains(name)) continue;
    auto* label = out.add_labels();
    label->set_name(name);
    label->set_value(value);
  }
  return out;
}

/// Of an answer whose text was not recorded the model still says how it ended.
bool was_cut_off(const Request& request) {
  if (request.answer != nullptr) return request.answer->facts().signals().truncated();
  if (request.last_model_call == nullptr) return false;
  const auto& reasons = request.last_model_call->facts().finish_reasons();
  return std::find(reasons.begin(), reasons.end(), "length") != reasons.end();
}

void add_answer(const v1::TextSignals& signals, v1::Turn& out) {
  if (signals.has_question_fingerprint()) out.set_question_fingerprint(signals.question_fingerprint());
  if (signals.has_question_content()) out.set_question_content(signals.question_content());
  if (signals.has_question_numbers()) out.set_question_numbers(signals.question_numbers());
  if (signals.has_input_chars()) out.set_question_chars(signals.input_chars());
  if (signals.has_output_chars()) out.set_answer_chars(signals.output_chars());
  out.set_question_language(signals.question_language());
  out.set_refused(signals.refusal() || signals.partial_refusal());
  out.set_hedged(signals.hedging());
  out.set_empty(signals.empty_output());
}

/// A request that failed has no answer; what was asked may still be known.
const v1::TextSignals* signals_of(const Request& request) {
  if (request.answer != nullptr) return &request.answer->facts().signals();
  for (auto call = request.calls.rbegin(); call != request.calls.rend(); ++call)
    if (call->is_model_call && call->facts().has_signals()) return &call->facts().signals();
  return nullptr;
}

}  // namespace

std::vector<std::string> default_session_labels() { return {"session"}; }

Turns::Turns(std::vector<std::string> by, const std::vector<EntityGroup>& entities)
    : by_(std::move(by)), carried_{"user"} {
  for (const auto& group : entities) carried_.insert(group.begin(), group.end());
}

std::string Turns::session_of(const Labels& labels) const {
  const auto names = std::find_if(by_.begin(), by_.end(), [&](const auto& name) { return !labels.get(name).empty(); });
  if (names == by_.end()) return {};
  return labels.get("service").empty() ? entity_key({*names}, labels) : entity_key({"service", *names}, labels);
}

void Turns::add(const Request& request, Effects& out) {
  const std::string session = session_of(request.labels);
  if (session.empty()) return;
  v1::Turn turn = turn_of(request.exemplar(), request.labels, carried_);
  turn.set_start_unix_nano(request.start.time_since_epoch().count());
  turn.set_end_unix_nano(request.time.time_since_epoch().count());
  turn.set_failed(request.is_failed);
  if (const auto* signals = signals_of(request)) add_answer(*signals, turn);
  turn.set_truncated(was_cut_off(request));
  added_.emplace_back(session, turn.SerializeAsString());
  out.count("turns");
}

void Turns::add_vote(const Labels& labels, const Exemplar& exemplar, Timestamp time, Effects& out) {
  const std::string session = session_of(labels);
  if (session.empty()) return;
  v1::Turn vote = turn_of(exemplar, Labels(), carried_);
  // Given while the last spans were on their way: it is no step before the one that it is about.
  const int64_t given = std::max(time, exemplar.time).time_since_epoch().count();
  vote.set_start_unix_nano(given);
  vote.set_end_unix_nano(given);
  vote.set_is_vote(true);
  added_.emplace_back(session, vote.SerializeAsString());
  out.count("votes");
}

void Turns::flush(Effects& out) {
  std::sort(added_.begin(), added_.end());
  for (const auto& [session, turn] : added_) out.emit(Stream::turns, session, turn);
  added_.clear();
}

}  // namespace tidewatch
