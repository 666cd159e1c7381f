#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/core/time.h"
#include "tidewatch/v1/fragment.pb.h"

namespace tidewatch {

/// The texts of one span, for the signals and for evaluation. Never stored, logged or sent on to other topics.
struct SpanTexts {
  std::string question;                ///< the user's last message; empty when the span carries no content
  std::string system;                  ///< system instructions
  std::string answer;                  ///< the model's answer, text parts only
  std::vector<std::string> documents;  ///< retrieved context: a retrieval span's documents
  std::string declared_schema;         ///< JSON Schema of the structured output the request asked for
  bool has_output = false;             ///< output content was present (it may be empty: that is a signal)
  bool has_input = false;
  bool has_tool_calls = false;  ///< the answer asks for tools: no text is expected
};

/// One span, whatever its dialect said: what goes into the fragment, and the texts the signals look at.
struct CanonicalSpan {
  std::string trace_id;  ///< 16 raw bytes
  tidewatch::v1::SpanFacts facts;
  SpanTexts texts;
};

}  // namespace tidewatch
