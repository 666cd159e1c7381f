#include "stream/signals/sentences.h"

#include <re2/re2.h>

namespace tidewatch {
namespace {

/// Within a line: a mark that is never closed must not swallow the rest of the answer.
const RE2& quoted() {
  static const RE2 pattern("“[^”\n]*”|„[^“”\n]*[“”]|«[^»\n]*»|「[^」\n]*」|『[^』\n]*』|\"[^\"\n]*\"");
  return pattern;
}
const RE2& fenced() {
  static const RE2 pattern("(?s)```.*?(?:```|\\z)");
  return pattern;
}
const RE2& quoted_line() {
  static const RE2 pattern("(?m)^[ \t]*>.*$");
  return pattern;
}
const RE2& apostrophe() {
  static const RE2 pattern("[’‘ʼ`´]");
  return pattern;
}
const RE2& sentence() {
  // A full stop inside a number or a name (3.5, gpt-4.1) does not end a sentence.
  static const RE2 pattern("((?:[^.!?。！？\n]|[.](?:[^\\s]))+[.!?。！？]*)");
  return pattern;
}

std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool is_space = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (!is_space)
      out.push_back(c);
    else if (!out.empty() && out.back() != ' ')
      out.push_back(' ');
  }
  return out;
}

}  // namespace

std::vector<std::string> own_sentences(std::string_view text, size_t max_bytes) {
  std::string own(text.substr(0, max_bytes));
  RE2::GlobalReplace(&own, fenced(), "\n");
  RE2::GlobalReplace(&own, quoted_line(), "\n");
  RE2::GlobalReplace(&own, apostrophe(), "'");
  RE2::GlobalReplace(&own, quoted(), "…");
  std::vector<std::string> out;
  re2::StringPiece rest(own);
  re2::StringPiece found;
  while (RE2::FindAndConsume(&rest, sentence(), &found)) {
    auto line = one_line(std::string_view(found.data(), found.size()));
    if (line.find_first_not_of(' ') != std::string::npos) out.push_back(std::move(line));
  }
  return out;
}

}  // namespace tidewatch
