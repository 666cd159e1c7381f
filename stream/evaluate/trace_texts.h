#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "stream/evaluate/validators/reviewed_request.h"
#include "stream/signals/call_details.h"
#include "stream/signals/call_texts.h"
#include "tidewatch/v1/fragment.pb.h"

namespace tidewatch {

/// All that is read of an answer: what signals are made of, and what stands around it.
struct AnsweredTexts : CallTexts {
  CallDetails details;
};

/// The texts of one request, put together from all of its spans and log events, in whatever order they come.
class TraceTexts {
 public:
  /// Of a span, or of what logs say of one (facts.from_log()). A copy of a span changes nothing.
  void add(const v1::SpanFacts& facts, const CallTexts& texts, const CallDetails& details = {});

  /// Those of the call that gave the last answer that says something, with the question of that call or else the first
  /// that the request has, with what was retrieved before it, and what stands around that call. Nothing: no answer was
  /// recorded.
  std::optional<AnsweredTexts> answered() const;

 private:
  struct Span {
    v1::SpanFacts facts;  ///< times and operation alone
    CallTexts texts;
    CallDetails details;
    bool is_known = false;  ///< the span itself came, not only logs of it
  };
  /// The call that answered; null: none did.
  const Span* answer() const;
  std::map<std::string, Span> spans_;  ///< by span id
};

/// As validators see them. Views into `texts`.
ReviewedRequest reviewed(const AnsweredTexts& texts);

}  // namespace tidewatch
