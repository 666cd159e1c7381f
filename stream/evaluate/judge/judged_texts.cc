#include "stream/evaluate/judge/judged_texts.h"

#include <fmt/format.h>

#include <algorithm>

#include "stream/evaluate/validators/evidence.h"
#include "stream/signals/characters.h"

namespace tidewatch {
namespace {

std::string valid(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) append_character(out, next_character(text, at));
  return out;
}

std::string cut(std::string text, size_t most) {
  if (text.size() <= most) return text;
  size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // not within a character
  const size_t left_out = text.size() - end;
  text.resize(end);
  return text + fmt::format("\n[{} more bytes are left out here]", left_out);
}

std::string ready(std::string_view text, size_t most) { return cut(masked(valid(text)), most); }

}  // namespace

JudgedTexts judged(const CallTexts& texts) {
  return {.question = texts.question,
          .documents = texts.documents,
          .answer = texts.answer.value_or(""),
          .other_answer = {}};
}

JudgedTexts ready_to_send(const JudgedTexts& texts, const TextLimits& limits) {
  JudgedTexts out;
  out.question = ready(texts.question, limits.question);
  out.answer = ready(texts.answer, limits.answer);
  out.other_answer = ready(texts.other_answer, limits.answer);
  size_t left = limits.documents;
  for (const std::string& document : texts.documents) {
    out.documents.push_back(ready(document, left));
    left -= std::min(left, out.documents.back().size());
  }
  return out;
}

}  // namespace tidewatch
