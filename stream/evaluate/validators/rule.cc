#include "stream/evaluate/validators/rule.h"

#include <algorithm>
#include <set>

namespace tidewatch {
namespace {

bool fits(std::string_view value, std::string_view pattern) {
  if (pattern.ends_with('*')) return value.starts_with(pattern.substr(0, pattern.size() - 1));
  return value == pattern;
}

}  // namespace

bool applies_to(const LabelPatterns& where, const std::map<std::string, std::string>& labels) {
  return std::all_of(where.begin(), where.end(), [&](const auto& condition) {
    const auto label = labels.find(condition.first);
    return label != labels.end() &&
           std::any_of(condition.second.begin(), condition.second.end(),
                       [&](const std::string& pattern) { return fits(label->second, pattern); });
  });
}

Result<RuleValidators> RuleValidators::make(std::vector<ValidatorRule> rules) {
  RuleValidators out;
  std::set<std::string> names;
  for (ValidatorRule& rule : rules) {
    if (!names.insert(rule.name).second)
      return Error{"bad_value", fmt::format("{}: a second validator of this name", rule.name)};
    auto made = make_validator(rule.check, rule.settings);
    if (!made) return Error{made.error().code, fmt::format("{}.{}", rule.name, made.error().message)};
    out.made_.push_back({std::move(rule), std::move(made).value()});
  }
  return Result<RuleValidators>(std::move(out));
}

std::vector<RuleValidators::Said> RuleValidators::check(const ReviewedRequest& request,
                                                        const std::map<std::string, std::string>& labels) const {
  std::vector<Said> out;
  for (const Made& made : made_)
    if (applies_to(made.rule.where, labels)) out.push_back({&made.rule, made.validator->check(request)});
  return out;
}

}  // namespace tidewatch
