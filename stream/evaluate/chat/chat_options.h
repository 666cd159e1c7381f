#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "detectors/core/time.h"
#include "stream/outbound/surroundings.h"

namespace tidewatch {

/// How much of an answer's form is asked of the server (`response_format`).
enum class AnswerForm : uint8_t {
  json_schema,  ///< JSON that a schema allows
  json_object,  ///< any JSON object
  text,         ///< nothing is asked: for servers that know neither
};

/// What a model costs.
struct ChatPrice {
  double input = 0;     ///< USD per million input tokens
  double output = 0;    ///< USD per million output tokens
  double per_call = 0;  ///< USD
};

/// An OpenAI-compatible server and how it may be used.
struct ChatOptions {
  std::string url = "https://api.openai.com/v1";  ///< `/chat/completions` is added
  std::string model{};
  std::string key{};  ///< sent as `Authorization: Bearer`; empty: none is
  std::map<std::string, std::string> headers{};
  std::optional<double> temperature = 0;
  std::optional<int64_t> seed{};
  uint32_t max_tokens = 500;  ///< of one answer
  AnswerForm form = AnswerForm::json_schema;

  size_t concurrency = 4;          ///< requests at a time
  double requests_per_minute = 0;  ///< 0: no limit
  double tokens_per_minute = 0;    ///< of input and output; 0: no limit
  Duration connect_timeout = std::chrono::seconds(5);
  Duration timeout = std::chrono::seconds(60);  ///< of a whole request
  size_t max_response_bytes = size_t{1} << 20;

  uint32_t retries = 3;                               ///< after the first attempt
  Duration backoff = std::chrono::milliseconds(500);  ///< of the first retry at most; doubles each time
  Duration longest_wait = std::chrono::seconds(30);   ///< for a retry; who is told to wait longer gives up
  uint32_t breaker_failures = 5;                      ///< in a row, after which nothing is sent for a while
  Duration breaker_open = std::chrono::seconds(10);   ///< the first time; doubles while the server stays away
  Duration breaker_longest = std::chrono::minutes(5);

  std::optional<ChatPrice> price{};  ///< absent: not known, and then neither is what was spent
  double usd_per_day = 0;            ///< of UTC; 0: no limit. Needs `price`
  uint64_t calls_per_hour = 1'000;   ///< 0: no limit
};

}  // namespace tidewatch
