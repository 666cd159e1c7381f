#include "app/gen/traffic/users.h"

#include <fmt/format.h>

#include <cmath>

namespace tidewatch::gen {
namespace {

/// Whether the same want is the same question there. An order to extract is another one each time.
bool asks_alike(Pipeline before, Pipeline now) {
  if (now == Pipeline::extract || before == Pipeline::extract) return false;
  return (before == Pipeline::summarize) == (now == Pipeline::summarize);
}

/// Of sessions that end with a bad answer, how many end because of it.
double gives_up(AnswerKind kind, bool has_failed) {
  if (has_failed) return 0.85;
  switch (kind) {
    case AnswerKind::refused:
    case AnswerKind::empty:
      return 0.8;
    case AnswerKind::hedged:
      return 0.5;
    case AnswerKind::ungrounded:
    case AnswerKind::broken:
      return 0.6;
    case AnswerKind::good:
      return 0;
  }
  return 0;
}

}  // namespace

Session Users::begin(const Conditions& conditions, Random& random) {
  constexpr double kUsers = 20'000;
  Session out;
  out.segment = random.weighted(conditions.segments);
  // Few users ask often: a log-uniform rank has the density 1/rank of Zipf's law.
  const auto rank = static_cast<uint64_t>(std::pow(kUsers, random.uniform()));
  out.user = fmt::format("{}-u{}", kSegments[out.segment], rank);
  out.id = fmt::format("{}-s{}", service_, ++begun_);
  out.is_canary = random.chance(conditions.canary_share);
  out.last = draw_want(conditions, random);
  return out;
}

void Users::answered(Session& session, std::string trace_id, Pipeline pipeline, AnswerKind kind, bool has_failed) {
  const bool is_same = session.asked && asks_alike(*session.asked, pipeline);
  session.turns.push_back({std::move(trace_id), is_same ? session.last.rewording : Rewording::none});
  session.asked = pipeline;
  session.was_answered_badly = has_failed || kind != AnswerKind::good;
  session.is_given_up = session.was_answered_badly && manner_.chance(gives_up(kind, has_failed));
}

Session& Users::next(const Conditions& conditions, Random& random, const std::function<void(const Session&)>& on_end) {
  constexpr double kNewSession = 0.42;
  constexpr double kAskAgain = 0.35;
  if (open_.size() < kOpenSessions) return open_.emplace_back(begin(conditions, random));
  Session& session = open_[random.below(open_.size())];
  // A canary that was switched off serves nobody any longer.
  const bool is_over = session.is_canary && conditions.canary_share == 0;
  if (is_over || random.chance(kNewSession)) {
    session.is_given_up = session.is_given_up && !is_over;
    on_end(session);
    return session = begin(conditions, random);
  }
  if (session.was_answered_badly && random.chance(kAskAgain)) {
    session.last.rewording = draw_rewording(manner_);
    session.last.wording = manner_.bits();
  } else {
    const Want before = session.last;
    const Language language = before.language;
    session.last = draw_want(conditions, random);
    if (session.last.language != language) {  // people keep to their language
      session.last.language = language;
      session.last.topic = language == Language::english ? random.weighted(conditions.topics) : random.below(2);
      session.last.fact = random.below(topics_of(language)[session.last.topic].facts.size());
    }
    // Nobody asks the same thing twice by accident: that would be asking again.
    if (session.last.topic == before.topic && session.last.fact == before.fact)
      session.last.fact = (before.fact + 1) % topics_of(language)[before.topic].facts.size();
  }
  return session;
}

}  // namespace tidewatch::gen
