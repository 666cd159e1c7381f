#include "stream/window/label_matcher.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <utility>

namespace tidewatch {

Result<LabelMatcher> LabelMatcher::make(std::string name, std::string op, std::string value) {
  if (name.empty()) return Error{"bad_matcher", "a matcher needs the name of a label"};
  if (op.empty()) op.push_back('=');
  LabelMatcher out(std::move(name), std::move(op), std::move(value));
  if (out.op_ == "=" || out.op_ == "!=") return out;
  if (out.op_ != "=~" && out.op_ != "!~")
    return Error{"bad_matcher", fmt::format("\"{}\" is no operator; there are =, !=, =~ and !~", out.op_)};
  re2::RE2::Options options;
  options.set_log_errors(false);
  auto expression = std::make_shared<const re2::RE2>(out.value_, options);
  if (!expression->ok())
    return Error{"bad_matcher", fmt::format("\"{}\" is no regular expression: {}", out.value_, expression->error())};
  out.expression_ = std::move(expression);
  return out;
}

Result<LabelMatcher> LabelMatcher::parse(std::string_view text) {
  const size_t at = text.find_first_of("=!");
  if (at == std::string_view::npos ||
      (text[at] == '!' && (at + 1 == text.size() || (text[at + 1] != '=' && text[at + 1] != '~'))))
    return Error{"bad_matcher", fmt::format("\"{}\" is no matcher; write endpoint=/chat, or with !=, =~ or !~", text)};
  const bool is_long = text[at] == '!' || (at + 1 < text.size() && text[at + 1] == '~');
  const size_t width = is_long ? 2 : 1;
  return make(std::string(text.substr(0, at)), std::string(text.substr(at, width)),
              std::string(text.substr(at + width)));
}

std::string LabelMatcher::text() const { return fmt::format("{}{}{}", name_, op_, value_); }

bool LabelMatcher::fits(std::string_view value) const {
  const bool is_same =
      expression_ ? re2::RE2::FullMatch(re2::StringPiece(value.data(), value.size()), *expression_) : value == value_;
  return is_same == (op_ == "=" || op_ == "=~");
}

}  // namespace tidewatch
