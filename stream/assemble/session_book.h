#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "detectors/core/time.h"
#include "detectors/sketch/exemplar.h"
#include "stream/assemble/counted_findings.h"
#include "stream/window/entity.h"
#include "tidewatch/v1/fragment.pb.h"

namespace tidewatch {

/// The requests of sessions, for findings that name only a session: such a finding is about the request that had begun
/// last when it was given.
///
/// That is decided when the watermark has passed the finding by `wait`, and does not depend on the order in which
/// requests and findings came. Until then a finding that was in time holds the watermark back. Of one session the
/// latest kMostRequests are known.
class SessionBook {
 public:
  static constexpr size_t kMostRequests = 256;
  using Finding = std::variant<v1::FeedbackFacts, v1::EvaluationFacts>;
  /// What findings of one id count with, decided at the first of them.
  struct Join {
    CountedFindings counted;
    Labels labels;      ///< empty: no request of the session is known
    Exemplar exemplar;  ///< where the request can be read again; without a time
  };
  using Count = std::function<void(Join&, const Finding&)>;
  struct Options {
    Duration wait;        ///< from a finding until it is decided
    Duration keep;        ///< how long a request is known after its end, and what was counted can be changed
    Duration keep_plain;  ///< of a request without any model: another message may say that there is one
  };

  explicit SessionBook(const Options& options) : options_(options) {}

  /// `fragment` names a session; `watermark`: the last one.
  void add(const v1::Fragment& fragment, int64_t offset, Timestamp watermark);
  /// Gives `count` the findings that are due, by time, then forgets what is too old.
  void on_watermark(Timestamp watermark, const Count& count);

  int64_t oldest_offset() const;  ///< kNothingNeeded when nothing is kept
  Timestamp oldest_hold() const;  ///< kMaxTimestamp when nothing is held back

 private:
  struct Request {
    std::string trace_id;
    Timestamp start{};
    bool is_genai = false;
    std::string said;    ///< v1::SessionRequest: small, as there are as many as requests in `keep`
    v1::Source source;   ///< the smallest
    int64_t offset = 0;  ///< of the first record about it
    Timestamp expires_at = kMinTimestamp;
  };
  struct Session {
    std::vector<Request> requests;         ///< by start, then trace id
    Timestamp expires_at = kMaxTimestamp;  ///< of the first of them
  };
  struct Waiting {
    std::string session;
    Finding finding;
    int64_t offset = 0;
    Timestamp hold = kMaxTimestamp;
  };
  using WaitingKey = std::tuple<Timestamp, std::string, int64_t, size_t>;  ///< due, finding id, offset, place in record
  struct Kept {
    Join join;
    int64_t offset = 0;  ///< of the oldest record it depends on
    Timestamp expires_at = kMinTimestamp;
  };
  using KeptKey = std::tuple<std::string, size_t, std::string>;  ///< session, kind of finding, id

  void add_request(Session& session, const v1::SessionRequest& said, const v1::Source& source, int64_t offset);
  Kept& join_of(const Waiting& waiting, Timestamp due);
  void decide(const Waiting& waiting, Timestamp due, Kept& kept) const;
  const Request* asked_last(const std::string& session, Timestamp time, Timestamp due) const;
  void schedule(const std::string& name, Session& session);
  void expire(Timestamp watermark);

  Options options_;
  std::map<std::string, Session> sessions_;
  std::map<WaitingKey, Waiting> waiting_;
  std::map<KeptKey, Kept> kept_;
  std::set<std::pair<Timestamp, const std::string*>> expiring_sessions_;
  std::set<std::pair<Timestamp, const KeptKey*>> expiring_kept_;
  std::multiset<Timestamp> holds_;
  std::multiset<int64_t> offsets_;  ///< of all that is kept
};

}  // namespace tidewatch
