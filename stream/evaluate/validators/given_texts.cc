#include "stream/evaluate/validators/given_texts.h"

namespace tidewatch {

std::vector<std::string_view> texts_of_user(const ReviewedRequest& request) {
  auto out = request.conversation;
  out.push_back(request.question);
  return out;
}

std::vector<std::string_view> texts_looked_up(const ReviewedRequest& request) {
  auto out = request.tool_results;
  for (const auto& document : request.documents)
    for (const std::string_view text : {document.id, document.title, document.url, document.text})
      if (!text.empty()) out.push_back(text);
  return out;
}

std::vector<std::string_view> texts_given(const ReviewedRequest& request) {
  auto out = texts_of_user(request);
  for (const std::string_view text : texts_looked_up(request)) out.push_back(text);
  out.push_back(request.system);
  return out;
}

}  // namespace tidewatch
