#pragma once

#include <iterator>
#include <string>
#include <vector>

namespace tidewatch {

/// What was said around a question and its answer, as far as a model call's span or its log events carry it. Read for
/// the few requests whose full texts are judged, not for every span.
struct CallDetails {
  struct ToolCall {
    std::string name;
    std::string arguments;  ///< as the model wrote them
  };
  struct Tool {
    std::string name;
    std::string schema;  ///< JSON Schema of its arguments; empty: none declared
  };
  struct Document {
    std::string id;
    std::string title;
    std::string url;
    std::string text;
  };
  std::string instructions;               ///< of the system or developer
  std::vector<std::string> conversation;  ///< messages of user and assistant before the user's last one
  std::vector<ToolCall> tool_calls;       ///< that the answer makes
  std::vector<Tool> tools;                ///< that the request offered
  std::vector<std::string> tool_results;  ///< what tools gave back before the answer
  std::vector<Document> documents;        ///< retrieved

  /// Appends what another part of the same call says (log records come one by one).
  void add(CallDetails&& more) {
    if (!more.instructions.empty()) instructions += (instructions.empty() ? "" : "\n") + more.instructions;
    const auto append = [](auto& into, auto& from) {
      into.insert(into.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
    };
    append(conversation, more.conversation);
    append(tool_calls, more.tool_calls);
    append(tools, more.tools);
    append(tool_results, more.tool_results);
    append(documents, more.documents);
  }
  bool empty() const {
    return instructions.empty() && conversation.empty() && tool_calls.empty() && tools.empty() &&
           tool_results.empty() && documents.empty();
  }
};

}  // namespace tidewatch
