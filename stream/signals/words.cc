#include "stream/signals/words.h"

#include <utility>

namespace tidewatch {
namespace {

bool ends_sentence(char32_t c) {
  return c == '.' || c == '!' || c == '?' || c == '\n' || c == 0x3002 || c == 0xFF01 || c == 0xFF1F;
}

bool is_ascii_digit(char c) { return c >= '0' && c <= '9'; }

class Splitter {
 public:
  explicit Splitter(std::string_view text) : text_(text) {}

  std::vector<Word> run() {
    for (size_t at = 0; at < text_.size();) {
      const size_t from = at;
      const char32_t c = next_character(text_, at);
      const Script script = script_of(c);
      if (script != Script::none)
        letter(c, script);
      else if (is_digit(c))
        append_character(word_.text, c >= 0xFF10 ? c - 0xFF10 + '0' : c);
      else if (is_combining_mark(c) && !word_.text.empty())
        append_character(word_.text, c);
      else if (!is_inside_number(c, from))
        mark(c);
      else if (c == '.')
        word_.text.push_back('.');
    }
    end_word();
    return std::move(words_);
  }

 private:
  void letter(char32_t c, Script script) {
    if (is_unspaced(script)) end_word();
    if (word_.script == Script::none) word_.script = script;
    const char32_t small = lower(c);
    if (word_.text.empty()) word_.is_capitalised = small != c;
    append_character(word_.text, small);
    if (is_unspaced(script)) end_word();
  }

  bool is_inside_number(char32_t c, size_t at) const {
    return (c == ',' || c == '.') && at > 0 && at + 1 < text_.size() && is_ascii_digit(text_[at - 1]) &&
           is_ascii_digit(text_[at + 1]) && word_.is_number();
  }

  void mark(char32_t c) {
    end_word();
    if (ends_sentence(c)) starts_sentence_ = true;
  }

  void end_word() {
    if (word_.text.empty()) return;
    word_.starts_sentence = std::exchange(starts_sentence_, false);
    words_.push_back(std::exchange(word_, {}));
  }

  std::string_view text_;
  std::vector<Word> words_;
  Word word_;
  bool starts_sentence_ = true;
};

}  // namespace

std::vector<Word> words_of(std::string_view text, size_t max_bytes) {
  return Splitter(text.substr(0, max_bytes)).run();
}

}  // namespace tidewatch
