#include "stream/evaluate/validators/regular_expression.h"

#include <re2/re2.h>

#include "stream/evaluate/validators/evidence.h"

namespace tidewatch {
namespace {

RE2::Options options(bool is_case_sensitive) {
  RE2::Options out;
  out.set_case_sensitive(is_case_sensitive);
  out.set_log_errors(false);
  out.set_dot_nl(true);  // answers have several lines
  return out;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

}  // namespace

struct RegularExpression::Compiled {
  RE2 expression;
};

Result<std::unique_ptr<Validator>> RegularExpression::make(const Params& params) {
  if (params.pattern.empty()) return Error{"bad_value", "pattern: needs an expression"};
  const RE2 tried(params.pattern, options(params.case_sensitive));
  if (!tried.ok()) return Error{"bad_value", fmt::format("pattern: no expression: {}", tried.error())};
  return Result<std::unique_ptr<Validator>>(std::make_unique<RegularExpression>(params));
}

RegularExpression::RegularExpression(const Params& params)
    : params_(params), compiled_(new Compiled{RE2(params.pattern, options(params.case_sensitive))}) {}
RegularExpression::~RegularExpression() = default;

Validation RegularExpression::check(const ReviewedRequest& request) const {
  return worst_answer(request, [&](std::string_view answer) {
    if (answer.empty() && !request.tool_calls.empty()) return not_applicable("the answer only calls tools");
    const std::string_view text = params_.whole ? trimmed(answer) : answer;
    re2::StringPiece found;
    const bool has_matched = compiled_->expression.Match(text, 0, text.size(),
                                                         params_.whole ? RE2::ANCHOR_BOTH : RE2::UNANCHORED, &found, 1);
    if (has_matched != params_.forbidden)
      return passed(params_.forbidden ? "has nothing that the expression matches" : "matches the expression");
    if (!params_.forbidden) return failed(params_.whole ? "does not match as a whole" : "has nothing that matches");
    return failed("has " + shown({found.data(), found.size()}));
  });
}

}  // namespace tidewatch
