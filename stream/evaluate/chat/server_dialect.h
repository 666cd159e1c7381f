#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "stream/evaluate/chat/chat_options.h"
#include "stream/evaluate/chat/chat_request.h"

namespace tidewatch {

/// What a server that calls itself OpenAI-compatible understands of a request, learnt from what it refuses: some know
/// no JSON Schema, some models take no temperature and call the limit of tokens otherwise.
class ServerDialect {
 public:
  explicit ServerDialect(AnswerForm form) : form_(form) {}

  /// Body of the request, as UTF-8 whatever its texts are.
  std::string body(const ChatOptions& options, const ChatRequest& request) const;
  /// Takes a refusal (400 or 422) as a lesson: false when the request would be the same again.
  bool learn(std::string_view refusal);

  AnswerForm form() const { return form_; }

 private:
  AnswerForm form_;
  bool has_other_limit_ = false;  ///< `max_completion_tokens`
  bool takes_temperature_ = true;
  bool takes_seed_ = true;
};

}  // namespace tidewatch
