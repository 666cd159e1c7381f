#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "detectors/core/time.h"
#include "stream/assemble/request.h"
#include "stream/runtime/effects.h"
#include "stream/window/entity.h"

namespace tidewatch {

/// Labels that tell which session a request belongs to: the first of them that it has.
std::vector<std::string> default_session_labels();

/// Writes what requests are as steps of sessions to Stream::turns (v1::Turn), keyed by the session. Sessions of two
/// services are two, whatever their ids are.
///
/// Counts: turns, votes (feedback on a request of a session).
class Turns {
 public:
  /// `by`: labels that name a session, in order; none: nothing is written. `entities`: whose labels a turn carries.
  Turns(std::vector<std::string> by, const std::vector<EntityGroup>& entities);

  /// A request that was counted, once.
  void add(const Request& request, Effects& out);
  /// Feedback of a user on a request, given at `time`; `exemplar` names the request, and its end where it is known.
  void add_vote(const Labels& labels, const Exemplar& exemplar, Timestamp time, Effects& out);
  /// What was added since the last time leaves, in an order that does not depend on that in which it was added:
  /// requests of one moment are counted in any.
  void flush(Effects& out);

  /// "service=shop,session=c1"; empty: belongs to no session.
  std::string session_of(const Labels& labels) const;

 private:
  std::vector<std::string> by_;
  std::set<std::string, std::less<>> carried_;              ///< labels
  std::vector<std::pair<std::string, std::string>> added_;  ///< session, v1::Turn
};

}  // namespace tidewatch
