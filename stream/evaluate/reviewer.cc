#include "stream/evaluate/reviewer.h"

#include <algorithm>
#include <utility>

namespace tidewatch {
namespace {

ReviewedRequest view_of(const CallTexts& texts) {
  ReviewedRequest out;
  out.question = texts.question;
  if (texts.answer) out.answers = {*texts.answer};
  for (const std::string& document : texts.documents) {
    ReviewedDocument& view = out.documents.emplace_back();
    view.text = document;
  }
  out.schema = texts.schema;
  out.is_json_expected = texts.is_json_expected;
  return out;
}

bool applies(const ValidatorRule& rule, const Labels& labels) {
  return std::all_of(rule.where.begin(), rule.where.end(),
                     [&](const auto& wanted) { return labels.get(wanted.first) == wanted.second; });
}

}  // namespace

Result<Reviewer> Reviewer::make(const std::vector<ValidatorRule>& rules) {
  Reviewer out;
  for (const ValidatorRule& rule : rules) {
    auto validator = make_validator(rule.check, rule.settings);
    if (!validator) return Error{validator.error().code, rule.name + ": " + validator.error().message};
    out.entries_.push_back({rule, std::move(validator).value()});
  }
  return Result<Reviewer>(std::move(out));
}

std::vector<Reviewer::Finding> Reviewer::review(const Labels& labels, const CallTexts& texts) const {
  const ReviewedRequest request = view_of(texts);
  std::vector<Finding> out;
  for (const Entry& entry : entries_)
    if (applies(entry.rule, labels))
      out.push_back({entry.rule.name, entry.rule.check, entry.validator->check(request)});
  return out;
}

}  // namespace tidewatch
