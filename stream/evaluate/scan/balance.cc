#include "stream/evaluate/scan/balance.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace tidewatch {
namespace {

/// How a language writes what is not code.
struct Family {
  std::array<std::string_view, 2> line_comments;
  bool has_block_comments;
  bool has_triple_quotes;
  bool has_backticks;     ///< texts over several lines
  bool doubles_quotes;    ///< 'it''s', and no backslashes
  bool has_single_texts;  ///< 'text' may be long; else it is one character, and `'a` may be a lifetime
};
constexpr Family kPython{{"#", ""}, false, true, false, false, true};
constexpr Family kC{{"//", ""}, true, false, false, false, true};
constexpr Family kScript{{"//", ""}, true, false, true, false, true};
constexpr Family kRust{{"//", ""}, true, false, false, false, false};
constexpr Family kSql{{"--", ""}, true, false, false, true, true};

struct Name {
  std::string_view name;
  const Family* family;
};
constexpr auto kLanguages = std::to_array<Name>({{"python", &kPython},
                                                 {"py", &kPython},
                                                 {"python3", &kPython},
                                                 {"c", &kC},
                                                 {"h", &kC},
                                                 {"cpp", &kC},
                                                 {"c++", &kC},
                                                 {"cc", &kC},
                                                 {"java", &kC},
                                                 {"csharp", &kC},
                                                 {"cs", &kC},
                                                 {"c#", &kC},
                                                 {"go", &kScript},
                                                 {"golang", &kScript},
                                                 {"kotlin", &kC},
                                                 {"swift", &kC},
                                                 {"scala", &kC},
                                                 {"dart", &kC},
                                                 {"php", &kC},
                                                 {"javascript", &kScript},
                                                 {"js", &kScript},
                                                 {"jsx", &kScript},
                                                 {"typescript", &kScript},
                                                 {"ts", &kScript},
                                                 {"tsx", &kScript},
                                                 {"rust", &kRust},
                                                 {"rs", &kRust},
                                                 {"sql", &kSql},
                                                 {"postgresql", &kSql},
                                                 {"mysql", &kSql}});

const Family* family_of(std::string_view language) {
  const auto* const found =
      std::find_if(kLanguages.begin(), kLanguages.end(), [&](const Name& name) { return name.name == language; });
  return found == kLanguages.end() ? nullptr : found->family;
}

class Reader {
 public:
  Reader(std::string_view code, const Family& family) : code_(code), family_(family) {}

  std::string run() {
    while (at_ < code_.size() && fault_.empty()) {
      if (skip_comment() || skip_text()) continue;
      bracket(code_[at_]);
      advance(1);
    }
    if (fault_.empty() && !open_.empty())
      fault_ = fmt::format("line {}: `{}` is never closed", open_.back().line, open_.back().mark);
    return fault_;
  }

 private:
  struct Open {
    char mark;
    size_t line;
  };

  bool is_next(std::string_view mark) const { return !mark.empty() && code_.substr(at_).starts_with(mark); }

  void advance(size_t bytes) {
    for (; bytes > 0 && at_ < code_.size(); --bytes) line_ += code_[at_++] == '\n' ? 1 : 0;
  }

  bool skip_comment() {
    for (const std::string_view mark : family_.line_comments)
      if (is_next(mark)) {
        advance(std::min(code_.find('\n', at_), code_.size()) - at_);
        return true;
      }
    if (!family_.has_block_comments || !is_next("/*")) return false;
    const size_t end = code_.find("*/", at_ + 2);
    if (end == std::string_view::npos)
      fault_ = fmt::format("line {}: a comment never ends", line_);
    else
      advance(end + 2 - at_);
    return true;
  }

  bool skip_text() {
    const char mark = code_[at_];
    if (family_.has_triple_quotes)
      for (const std::string_view triple : {"\"\"\"", "'''"})
        if (is_next(triple)) return text_until(triple, true);
    if (mark == '\'' && !family_.has_single_texts) return skip_character();
    if (mark == '"' || mark == '\'') return text_until(code_.substr(at_, 1), family_.doubles_quotes);
    if (mark == '`' && family_.has_backticks) return text_until("`", true);
    return false;
  }

  /// 'a', '\n'; anything else is a lifetime.
  bool skip_character() {
    const size_t close = code_.find('\'', at_ + (code_.substr(at_ + 1).starts_with('\\') ? 3 : 2));
    const bool is_character =
        close != std::string_view::npos && close - at_ <= 6 &&
        (code_[at_ + 1] == '\\' || close - at_ == 2 || static_cast<unsigned char>(code_[at_ + 1]) >= 0x80);
    advance(is_character ? close + 1 - at_ : 1);
    return true;
  }

  bool text_until(std::string_view close, bool has_lines) {
    const size_t line = line_;
    advance(close.size());
    while (at_ < code_.size() && !is_next(close)) {
      if (code_[at_] == '\n' && !has_lines) break;
      advance(code_[at_] == '\\' && !family_.doubles_quotes ? 2 : 1);
    }
    if (is_next(close))
      advance(close.size());
    else
      fault_ = fmt::format("line {}: a text never ends", line);
    return true;
  }

  void bracket(char c) {
    constexpr std::string_view kOpen = "([{";
    constexpr std::string_view kClose = ")]}";
    if (kOpen.find(c) != std::string_view::npos) open_.push_back({c, line_});
    const size_t kind = kClose.find(c);
    if (kind == std::string_view::npos) return;
    if (open_.empty())
      fault_ = fmt::format("line {}: `{}` closes nothing", line_, c);
    else if (open_.back().mark != kOpen[kind])
      fault_ = fmt::format("line {}: `{}` closes `{}` of line {}", line_, c, open_.back().mark, open_.back().line);
    else
      open_.pop_back();
  }

  std::string_view code_;
  const Family& family_;
  size_t at_ = 0;
  size_t line_ = 1;
  std::vector<Open> open_;
  std::string fault_;
};

}  // namespace

bool is_balance_known(std::string_view language) { return family_of(language) != nullptr; }

std::string imbalance_of(std::string_view code, std::string_view language) {
  return Reader(code, *family_of(language)).run();
}

}  // namespace tidewatch
