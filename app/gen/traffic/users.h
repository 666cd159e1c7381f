#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/gen/conditions.h"
#include "app/gen/trace/dialogue.h"
#include "app/gen/traffic/random.h"
#include "app/gen/traffic/world.h"

namespace tidewatch::gen {

/// A request of a session, with what only its user knows.
struct Turn {
  std::string trace_id;  ///< 16 raw bytes
  Rewording rewording;   ///< of the question before; none: another question
};

/// A session of a user: a few questions in a row.
struct Session {
  std::string id;
  std::string user;
  size_t segment = 0;  ///< index into kSegments
  bool is_canary = false;
  Want last;
  std::optional<Pipeline> asked;  ///< who answered last
  bool was_answered_badly = false;
  bool is_given_up = false;  ///< it ended because the last answer was bad
  std::vector<Turn> turns;
};

/// The users of one service. A request belongs to a session that is going on, or begins a new one.
class Users {
 public:
  /// `seed`: of what users do that leaves no trace in the traffic's other random numbers.
  Users(std::string service, uint64_t seed) : service_(std::move(service)), manner_(seed) {}

  /// The session of the next request, with its next want drawn; valid until the next call. A session that is over goes
  /// to `on_end` before.
  Session& next(const Conditions& conditions, Random& random, const std::function<void(const Session&)>& on_end);
  /// A request of the session was answered.
  void answered(Session& session, std::string trace_id, Pipeline pipeline, AnswerKind kind, bool has_failed);

 private:
  Session begin(const Conditions& conditions, Random& random);

  static constexpr size_t kOpenSessions = 40;
  std::string service_;
  Random manner_;
  std::vector<Session> open_;
  uint64_t begun_ = 0;
};

}  // namespace tidewatch::gen
