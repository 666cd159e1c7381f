#pragma once

#include <string_view>
#include <vector>

namespace tidewatch {

/// A document that was retrieved for the request.
struct ReviewedDocument {
  std::string_view id;     ///< empty: has none
  std::string_view title;  ///< empty: has none
  std::string_view url;    ///< empty: has none
  std::string_view text;
};

/// A tool call that the answer makes.
struct ReviewedToolCall {
  std::string_view name;
  std::string_view arguments;  ///< as the model wrote them
};

/// A tool that the request offered.
struct ReviewedTool {
  std::string_view name;
  std::string_view schema;  ///< JSON Schema of its arguments; empty: none declared
};

/// The full texts of one request, as far as they are at hand. Views: whoever makes it keeps the texts. An empty text
/// was not recorded, but for answers: an answer that is there and empty was recorded, and is empty.
struct ReviewedRequest {
  std::string_view system;                     ///< the instructions of the system or developer
  std::string_view question;                   ///< the user's last message
  std::vector<std::string_view> conversation;  ///< earlier messages, of both
  std::vector<std::string_view> answers;       ///< one, or several where that many were asked for
  std::vector<ReviewedDocument> documents;
  std::vector<std::string_view> tool_results;  ///< what tools gave back before the answer
  std::vector<ReviewedToolCall> tool_calls;
  std::vector<ReviewedTool> tools;
  std::string_view schema;        ///< JSON Schema that the request declared for its output; empty: none
  bool is_json_expected = false;  ///< the request asked for JSON, with or without a schema
  std::string_view language;      ///< ISO 639-1 code the answer shall be in; empty: not said
};

}  // namespace tidewatch
