#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "detectors/core/result.h"

namespace re2 {
class RE2;
}

namespace tidewatch {

/// One condition on a named value, as Alertmanager has them: a name, an operator (`=`, `!=`, `=~`, `!~`) and a value.
/// Regular expressions are RE2's and must match the whole value. An absent label has the empty value.
class LabelMatcher {
 public:
  /// Errors: `bad_matcher`, which says what is wrong with it.
  static Result<LabelMatcher> make(std::string name, std::string op, std::string value);
  /// From "name=value", "name!=value", "name=~expression" or "name!~expression". Errors: `bad_matcher`.
  static Result<LabelMatcher> parse(std::string_view text);

  bool fits(std::string_view value) const;

  const std::string& name() const { return name_; }
  const std::string& op() const { return op_; }
  const std::string& value() const { return value_; }
  std::string text() const;
  bool operator==(const LabelMatcher& other) const { return text() == other.text(); }

 private:
  LabelMatcher(std::string name, std::string op, std::string value)
      : name_(std::move(name)), op_(std::move(op)), value_(std::move(value)) {}

  std::string name_;
  std::string op_;
  std::string value_;
  std::shared_ptr<const re2::RE2> expression_;  ///< null: compared as text
};

}  // namespace tidewatch
