#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "stream/notify/delivery.h"
#include "stream/notify/sink_options.h"
#include "stream/outbound/circuit_breaker.h"
#include "stream/outbound/token_bucket.h"

namespace tidewatch {

/// What a sink said to a request.
struct Answer {
  enum class Kind : uint8_t {
    told,
    failed,   ///< it may take it later
    refused,  ///< it never will
  };
  Kind kind = Kind::told;
  Error error{};
  std::optional<Duration> retry_after{};
  bool is_limited = false;  ///< the sink is there, and wants a pause
};

/// What waits for one sink and when it goes: one message of each subject at a time; pages first, then what has waited
/// longest. After a failure a message waits for a random share of a time that doubles (full jitter); `retry_after`
/// holds all back, and so does the circuit breaker, which lets one message try from time to time. When the sink
/// returns, the rate limit keeps what has waited from flooding it.
///
/// What was read long after it was written goes a little later (kSettling): what followed it may come with it.
/// A request may have several messages (`batch`); when it is refused, each is sent alone.
/// Pure: time and chance are given. Not thread-safe.
class SinkLine {
 public:
  struct Moment {
    Duration monotonic{};
    Timestamp wall{};
  };
  /// Outcomes, and for whom.
  struct Outcome {
    const void* owner = nullptr;
    Settled settled;
  };
  struct Attempt {
    uint64_t id = 0;
    std::vector<Delivery> deliveries;
    bool is_retry = false;
  };

  static constexpr Duration kSettling = std::chrono::seconds(5);
  static constexpr Duration kFresh = std::chrono::seconds(10);       ///< read so soon after it was written
  static constexpr Duration kRepeatOver = std::chrono::minutes(15);  ///< what is over is repeated for so long

  /// `repeats`: what was told is sent again every `options.resend`.
  SinkLine(const SinkOptions& options, size_t index, size_t batch, bool repeats);

  void offer(const void* owner, Delivery delivery, const Moment& now);
  void withdraw(const void* owner, const std::string& subject);
  void forget(const void* owner);

  /// What is to be sent now; none: nothing is due, or the sink is left alone.
  std::optional<Attempt> next(const Moment& now);
  /// pre: `id` is of an attempt that was not answered yet. `references`: of its messages, where it was told.
  void take(uint64_t id, const Answer& answer, const std::vector<std::string>& references, const Moment& now,
            double random);
  std::vector<Outcome> take_outcomes();

  size_t undelivered() const;               ///< messages that the sink has still to be told
  std::optional<Timestamp> oldest() const;  ///< since when the first of them waits
  bool is_left_alone(const Moment& now) const { return breaker_.state(now.monotonic) != CircuitBreaker::State::closed; }

 private:
  using Key = std::pair<const void*, std::string>;
  struct Entry {
    Delivery current;
    std::optional<Delivery> newer;  ///< came while `current` is under way
    Duration due{};
    uint64_t order = 0;
    uint32_t attempts = 0;  ///< that failed
    bool is_under_way = false;
    bool is_withdrawn = false;
    bool is_alone = false;
    Duration repeats_until = Duration::max();
  };
  using Entries = std::map<Key, Entry>;

  bool is_due(const Entry& entry, const Moment& now) const { return !entry.is_under_way && entry.due <= now.monotonic; }
  static bool goes_before(const Entry& a, const Entry& b, bool is_trial);
  void give_up_old(const Moment& now);
  void settle(Entries::iterator at, Settled::Kind kind, Error error = {}, std::string reference = {});
  void returned(const Moment& now);
  void told(Entries::iterator at, const std::string& reference, const Moment& now);
  void failed(Entries::iterator at, Duration wait, double random, const Moment& now);

  SinkOptions options_;
  size_t index_;
  size_t batch_;
  bool repeats_;
  TokenBucket bucket_;
  CircuitBreaker breaker_;
  Entries entries_;
  std::map<uint64_t, std::vector<Key>> under_way_;
  std::vector<Outcome> outcomes_;
  Duration paused_until_ = Duration::min();
  uint64_t last_order_ = 0;
  uint64_t last_attempt_ = 0;
};

}  // namespace tidewatch
