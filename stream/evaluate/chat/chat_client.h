#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "detectors/core/result.h"
#include "stream/evaluate/chat/chat_options.h"
#include "stream/evaluate/chat/chat_request.h"
#include "stream/evaluate/chat/server_dialect.h"
#include "stream/evaluate/chat/spending.h"
#include "stream/outbound/circuit_breaker.h"
#include "stream/outbound/token_bucket.h"
#include "stream/outbound/transfers.h"

namespace tidewatch {

/// Asks a model over an OpenAI-compatible HTTP API, many requests at a time, within limits of rate and spending.
///
/// submit() never blocks; poll(), in the same thread, does all the work. A failed attempt is repeated after a random
/// share of a time that doubles (full jitter: Brooker, "Exponential Backoff and Jitter", 2015). `Retry-After` holds all
/// requests back, as limits are of the key; told to wait for longer than `longest_wait`, a request fails and the client
/// stays quiet for that long. While the breaker is open or the cap is reached requests fail at once: who submits keeps
/// them for later (room()).
///
/// What an attempt costs at most is reserved first. An attempt without an answer is taken to have cost it all when it
/// reached the server and timed out or broke off, since servers bill what they worked on; else nothing.
class ChatClient {
 public:
  struct Counts {
    uint64_t attempts = 0;
    uint64_t retries = 0;
    uint64_t input_tokens = 0;
    uint64_t output_tokens = 0;
    double spent_usd = 0;
    uint64_t times_breaker_opened = 0;
  };

  /// Errors: `bad_config` for a header or an address that cannot be sent, a cap without a price.
  static Result<std::unique_ptr<ChatClient>> make(ChatOptions options, Surroundings surroundings);

  uint64_t submit(ChatRequest request);  ///< a ticket, never 0
  /// Moves all on, waiting for at most `wait` for something to happen; may come back earlier with nothing.
  std::vector<FinishedChat> poll(Duration wait);
  /// Requests that could be sent now beside those that it has. 0 while the server is away, a cap is reached, or the
  /// server asked for a pause.
  size_t room() const;
  size_t pending() const { return waiting_.size() + under_way_.size(); }
  /// Why room() is 0 for longer: `breaker_open`, `cap_reached`, `rate_limited`; empty: it is not.
  std::string_view held_back_by() const;

  Counts counts() const;
  /// What was spent today before this process began counts towards the cap.
  void add_earlier_spending(double usd) { spending_.add_earlier(usd, surroundings_.wall()); }
  const ChatOptions& options() const { return options_; }

 private:
  struct Waiting {
    uint64_t ticket = 0;
    ChatRequest request;
    std::string body;
    double tokens = 0;  ///< at most, of input and output
    uint32_t attempts = 0;
    double spent_usd = 0;
    Duration due{};
    std::optional<Error> last_fault;
  };
  struct UnderWay {
    Waiting chat;
    Spending::Reservation reserved;
  };

  ChatClient(ChatOptions options, Surroundings surroundings);
  void prepare(Waiting& chat) const;
  void start_due();
  void start(Waiting chat, Duration now);
  void finish(Waiting& chat, Result<ChatAnswer> answer);
  void refuse_for_cap(Waiting& chat);
  void take(const TransferOutcome& outcome);
  void take_failure(Waiting chat, const TransferOutcome& outcome, Error error);
  double most_usd(const Waiting& chat) const;
  double usd_of(const ChatUsage& usage) const;

  ChatOptions options_;
  Surroundings surroundings_;
  std::vector<std::string> headers_;
  ServerDialect dialect_;
  TokenBucket requests_;
  TokenBucket tokens_;
  CircuitBreaker breaker_;
  Spending spending_;
  Transfers transfers_;
  std::vector<Waiting> waiting_;            ///< in the order of submission
  std::map<uint64_t, UnderWay> under_way_;  ///< by ticket
  std::vector<FinishedChat> finished_;
  Duration paused_until_ = Duration::min();
  double refused_usd_ = 0;  ///< what the last request that the cap held back would have cost at most
  uint64_t last_ticket_ = 0;
  Counts counts_;
};

}  // namespace tidewatch
