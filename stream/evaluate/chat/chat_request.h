#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "detectors/core/result.h"

namespace tidewatch {

struct ChatMessage {
  std::string role;  ///< "system", "user" or "assistant"
  std::string content;
};

struct ChatRequest {
  std::vector<ChatMessage> messages;
  std::string schema;       ///< JSON Schema that the answer shall fulfil; empty: the answer is text
  std::string schema_name;  ///< letters, digits, `_` and `-`; needed with a schema
};

struct ChatUsage {
  uint64_t input_tokens = 0;
  uint64_t output_tokens = 0;
  bool is_estimated = false;  ///< the server did not say: a token for four bytes
};

struct ChatAnswer {
  std::string text;
  bool was_cut_off = false;  ///< at the most tokens that were allowed
  ChatUsage usage;
  double cost_usd = 0;  ///< 0 where no price is known
};

/// A request that is done with.
///
/// Codes of errors, those that another time may not have first: `rate_limited` (429), `server_error` (5xx, 408, 425),
/// `timed_out`, `unreachable` (name, connection, TLS), `broken_off` (closed half way), `bad_answer` (no JSON of a chat
/// completion), `breaker_open` and `cap_reached` (not sent at all). Of this request: `refused` (by the model or by a
/// filter), `bad_request` (400, 413, 422), `too_large` (response above its limit). Of the config: `bad_key` (401, 403),
/// `not_found` (404), `redirected` (3xx: not followed, since the key would go elsewhere).
struct FinishedChat {
  uint64_t ticket = 0;
  Result<ChatAnswer> answer;
  double spent_usd = 0;  ///< of all attempts, also where they brought no answer
};

}  // namespace tidewatch
