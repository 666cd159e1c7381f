#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "stream/signals/call_texts.h"

namespace tidewatch {

/// What of a request a judge reads.
struct JudgedTexts {
  std::string question;
  std::vector<std::string> documents;
  std::string answer;
  std::string other_answer;  ///< where two are compared; else empty
};

JudgedTexts judged(const CallTexts& texts);

/// Bytes of each text that are sent; of more, the rest is left out and the prompt says how much.
struct TextLimits {
  size_t question = 8'000;
  size_t answer = 16'000;
  size_t documents = 32'000;  ///< of all together, in their order
};

/// As they may leave the house: personal data and secrets masked (stream/evaluate/scan), in valid UTF-8, and cut, in
/// this order, so that no half of a secret is left that has not its form any more.
JudgedTexts ready_to_send(const JudgedTexts& texts, const TextLimits& limits);

}  // namespace tidewatch
