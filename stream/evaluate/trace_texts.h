#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "stream/evaluate/validators/reviewed_request.h"
#include "stream/signals/call_texts.h"
#include "tidewatch/v1/fragment.pb.h"

namespace tidewatch {

/// The texts of one request, put together from all of its spans and log events, in whatever order they come.
class TraceTexts {
 public:
  /// Of a span, or of what logs say of one (facts.from_log()). A copy of a span changes nothing.
  void add(const v1::SpanFacts& facts, const CallTexts& texts);

  /// Those of the call that gave the last answer that says something, with the question of that call or else the first
  /// that the request has, and with what was retrieved before it. Nothing: no answer was recorded.
  std::optional<CallTexts> answered() const;

 private:
  struct Span {
    v1::SpanFacts facts;  ///< times and operation alone
    CallTexts texts;
    bool is_known = false;  ///< the span itself came, not only logs of it
  };
  /// The call that answered; null: none did.
  const Span* answer() const;
  std::map<std::string, Span> spans_;  ///< by span id
};

/// As validators see them. Views into `texts`. Instructions, earlier messages and tool calls are not among them.
ReviewedRequest reviewed(const CallTexts& texts);

}  // namespace tidewatch
