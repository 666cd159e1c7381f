#pragma once

#include <string>
#include <vector>

#include "app/gen/conditions.h"
#include "app/gen/trace/dialogue.h"
#include "app/gen/traffic/random.h"

namespace tidewatch::gen {

/// A session of a user: a few questions in a row.
struct Session {
  std::string id;
  std::string user;
  size_t segment = 0;  ///< index into kSegments
  bool is_canary = false;
  Want last;
  bool was_answered_badly = false;
};

/// The users of one service. A request belongs to a session that is going on, or begins a new one.
class Users {
 public:
  explicit Users(std::string service) : service_(std::move(service)) {}

  /// The session of the next request, with its next want drawn; valid until the next call.
  Session& next(const Conditions& conditions, Random& random);

 private:
  Session begin(const Conditions& conditions, Random& random);

  static constexpr size_t kOpenSessions = 40;
  std::string service_;
  std::vector<Session> open_;
  uint64_t begun_ = 0;
};

}  // namespace tidewatch::gen
