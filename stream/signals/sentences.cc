#include "stream/signals/sentences.h"

#include <array>

namespace tidewatch {
namespace {

constexpr std::string_view kFence = "```";
constexpr std::string_view kEllipsis = "…";

/// A quotation mark and the marks that close it. Within a line: one that is never closed must not swallow the rest.
struct Quotes {
  std::string_view open;
  std::array<std::string_view, 2> close;
};
constexpr std::array kQuotes{Quotes{"\"", {"\"", ""}}, Quotes{"“", {"”", ""}},   Quotes{"„", {"“", "”"}},
                             Quotes{"«", {"»", ""}},   Quotes{"「", {"」", ""}}, Quotes{"『", {"』", ""}}};
constexpr std::array<std::string_view, 5> kApostrophes{"’", "‘", "ʼ", "´", "`"};
constexpr std::array<std::string_view, 3> kWideStops{"。", "！", "？"};

/// Bytes that may mean something else than themselves.
constexpr std::array<bool, 256> kSpecial = [] {
  std::array<bool, 256> out{};
  for (const char c : std::string_view(" \t\r\n.!?\"`")) out[static_cast<unsigned char>(c)] = true;
  // First bytes of the marks above: ´ « (C2), ʼ (CA), “ ” „ ’ ‘ (E2), 「 『 。 (E3), ！ ？ (EF).
  for (const size_t first : {0xC2, 0xCA, 0xE2, 0xE3, 0xEF}) out[first] = true;
  return out;
}();

bool is_special(char c) { return kSpecial[static_cast<unsigned char>(c)]; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::vector<std::string> run() {
    while (at_ < text_.size()) {
      if (is_line_start_ && skip_quoted_line()) continue;
      if (!is_special(text_[at_]))
        ordinary();
      else if (!fence() && !quote() && !apostrophe() && !space() && !stop())
        append(text_.substr(at_++, 1));
    }
    end_sentence();
    return std::move(sentences_);
  }

 private:
  bool is_next(std::string_view mark) const { return text_.substr(at_).starts_with(mark); }

  void append(std::string_view piece) {
    if (has_stopped_) end_sentence();
    sentence_.append(piece);
    is_line_start_ = false;
  }

  /// A run without marks, single spaces between its words included.
  void ordinary() {
    const size_t from = at_;
    while (at_ < text_.size() && (!is_special(text_[at_]) || is_single_space())) ++at_;
    append(text_.substr(from, at_ - from));
  }

  bool is_single_space() const { return text_[at_] == ' ' && at_ + 1 < text_.size() && !is_special(text_[at_ + 1]); }

  bool skip_quoted_line() {
    const size_t content = text_.find_first_not_of(" \t", at_);
    is_line_start_ = false;
    if (content == std::string_view::npos || text_[content] != '>') return false;
    const size_t end = text_.find('\n', content);
    at_ = end == std::string_view::npos ? text_.size() : end;
    return true;
  }

  /// Fenced code, to its end or the end of the text.
  bool fence() {
    if (!is_next(kFence)) return false;
    const size_t end = text_.find(kFence, at_ + kFence.size());
    at_ = end == std::string_view::npos ? text_.size() : end + kFence.size();
    end_sentence();
    return true;
  }

  bool quote() {
    for (const Quotes& quotes : kQuotes) {
      if (!is_next(quotes.open)) continue;
      const size_t from = at_ + quotes.open.size();
      const std::string_view line = text_.substr(from, text_.find('\n', from) - from);
      for (const std::string_view close : quotes.close) {
        const size_t end = close.empty() ? std::string_view::npos : line.find(close);
        if (end == std::string_view::npos) continue;
        append(kEllipsis);
        at_ = from + end + close.size();
        return true;
      }
    }
    return false;
  }

  bool apostrophe() {
    for (const std::string_view mark : kApostrophes) {
      if (!is_next(mark)) continue;
      append("'");
      at_ += mark.size();
      return true;
    }
    return false;
  }

  bool space() {
    const char c = text_[at_];
    if (!is_space(c)) return false;
    ++at_;
    if (c == '\n') {
      end_sentence();
      is_line_start_ = true;
    } else if (has_stopped_) {
      end_sentence();
    } else if (!sentence_.empty() && sentence_.back() != ' ') {
      sentence_.push_back(' ');
    }
    return true;
  }

  bool stop() {
    const char c = text_[at_];
    if (c == '.' || c == '!' || c == '?') {
      ++at_;
      sentence_.push_back(c);
      // A full stop inside a number or a name (3.5, gpt-4.1) does not end a sentence.
      has_stopped_ = c != '.' || at_ == text_.size() || is_space(text_[at_]);
      return true;
    }
    for (const std::string_view mark : kWideStops) {
      if (!is_next(mark)) continue;
      sentence_.append(mark);
      at_ += mark.size();
      has_stopped_ = true;
      return true;
    }
    return false;
  }

  void end_sentence() {
    has_stopped_ = false;
    while (!sentence_.empty() && sentence_.back() == ' ') sentence_.pop_back();
    // "1." of a list and "…" of a quotation say nothing.
    bool has_letters = false;
    for (size_t i = 0; i < sentence_.size() && !has_letters; ++i)
      has_letters = is_letter(sentence_[i]) && !std::string_view(sentence_).substr(i).starts_with(kEllipsis);
    if (has_letters) sentences_.push_back(sentence_);
    sentence_.clear();
  }

  std::string_view text_;
  size_t at_ = 0;
  bool is_line_start_ = true;
  bool has_stopped_ = false;  ///< a mark that ends the sentence was read; more of them may follow
  std::string sentence_;
  std::vector<std::string> sentences_;
};

}  // namespace

std::vector<std::string> own_sentences(std::string_view text, size_t max_bytes) {
  return Scanner(text.substr(0, max_bytes)).run();
}

}  // namespace tidewatch
