#pragma once

#include <optional>
#include <string>
#include <vector>

namespace tidewatch {

/// The texts of one model call, as far as its span or its log events carry them.
struct CallTexts {
  std::string question;                ///< the user's last message; empty: not recorded
  std::optional<std::string> answer;   ///< the assistant's text; absent: not recorded; empty: recorded, and empty
  std::string schema;                  ///< JSON Schema that the request declared for its output; empty: none
  std::vector<std::string> documents;  ///< retrieved context at hand
  bool has_tool_calls = false;         ///< the answer calls tools, so that it may have no text
  bool was_cut_off = false;            ///< finish reason "length"
  /// The request asked for JSON (JSON mode or a schema): an answer that is none is a mismatch.
  bool is_json_expected = false;
};

}  // namespace tidewatch
