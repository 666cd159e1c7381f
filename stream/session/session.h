#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "stream/runtime/stage.h"
#include "stream/session/behaviour.h"
#include "stream/session/conversation.h"
#include "stream/session/options.h"
#include "tidewatch/v1/turn.pb.h"

namespace tidewatch {

/// What users do after an answer: reads Stream::turns (by session), writes Stream::partials (by entity).
///
/// Turns of a session come from several tasks of assemble; they are taken in the order of event time, when the
/// watermark has passed them. A session is over when the watermark has passed its last turn by `gap`. Everything counts
/// at the time at which it became known (a rephrasing at the end of the request that rephrases, the end of a session
/// `gap` after its last turn), so that the stage holds nothing back: output_watermark() is that of its input.
///
/// Nothing is stored: a restart replays from the oldest turn of the open sessions, but not of those that have gone on
/// for longer than `longest`; what is left of them then begins as a session of its own. Memory: two steps and a few
/// numbers for each session that is open, whatever its length.
///
/// Counts: sessions (ended), late_turns (behind the watermark; they count in no session), duplicate_turns, late_votes
/// (behind the watermark, or of a session that has ended), partials.
class Session final : public Stage {
 public:
  /// Hears what is counted, for measurements; `session` is its key.
  struct Observer {
    std::function<void(const std::string& session, const FollowUp&)> on_follow_up;
    std::function<void(const std::string& session, const SessionEnd&)> on_end;
  };
  explicit Session(const SessionOptions& options, Observer observer = {});

  void on_record(const Record& record, Effects& out) override;
  void on_watermark(Timestamp watermark, Effects& out) override;
  int64_t needed_from() const override;
  Timestamp output_watermark() const override { return watermark_; }

 private:
  struct Waiting {
    std::string session;
    std::optional<Step> step;  ///< none: a vote
    int64_t offset = 0;
  };
  using WaitingKey = std::tuple<Timestamp, bool, std::string, int64_t>;  ///< end, is a vote, trace id, offset
  struct Open {
    Conversation conversation;
    int64_t offset;  ///< of its oldest record
  };
  using Sessions = std::unordered_map<std::string, Open>;

  void take(Waiting waiting, Timestamp time, Effects& out);
  void take_step(const std::string& session, Step step, int64_t offset, Effects& out);
  void begin(const std::string& session, Step step, int64_t offset);
  void needs(Sessions::value_type& session, int64_t offset);
  void end(Sessions::iterator session, Effects& out);

  SessionOptions options_;
  Observer observer_;
  Behaviour behaviour_;
  std::map<WaitingKey, Waiting> waiting_;
  std::multiset<int64_t> waiting_offsets_;
  Sessions open_;
  std::set<std::pair<Timestamp, const std::string*>> ending_;
  /// When a restart need no longer read a session whole.
  std::set<std::pair<Timestamp, const std::string*>> growing_long_;
  std::multiset<int64_t> needed_offsets_;  ///< of those among growing_long_
  Timestamp watermark_ = kMinTimestamp;
};

}  // namespace tidewatch
