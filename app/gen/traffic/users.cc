#include "app/gen/traffic/users.h"

#include <fmt/format.h>

#include <cmath>

namespace tidewatch::gen {

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

Session& Users::next(const Conditions& conditions, Random& random) {
  constexpr double kNewSession = 0.42;
  constexpr double kAskAgain = 0.35;
  if (open_.size() < kOpenSessions) return open_.emplace_back(begin(conditions, random));
  Session& session = open_[random.below(open_.size())];
  // A canary that was switched off serves nobody any longer.
  const bool is_over = session.is_canary && conditions.canary_share == 0;
  if (is_over || random.chance(kNewSession)) return session = begin(conditions, random);
  if (session.was_answered_badly && random.chance(kAskAgain)) {
    session.last.is_rephrase = true;
  } else {
    const Language language = session.last.language;
    session.last = draw_want(conditions, random);
    if (session.last.language != language) {  // people keep to their language
      session.last.language = language;
      session.last.topic = language == Language::english ? random.weighted(conditions.topics) : random.below(2);
      session.last.fact = random.below(topics_of(language)[session.last.topic].facts.size());
    }
  }
  return session;
}

}  // namespace tidewatch::gen
