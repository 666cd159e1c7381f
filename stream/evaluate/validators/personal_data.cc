#include "stream/evaluate/validators/personal_data.h"

#include <algorithm>

#include "stream/evaluate/validators/evidence.h"
#include "stream/evaluate/validators/given_texts.h"

namespace tidewatch {
namespace {

std::vector<std::string_view> all_kinds() {
  std::vector<std::string_view> out;
  for (const auto kind : {PersonalKind::email, PersonalKind::iban, PersonalKind::card, PersonalKind::national_id,
                          PersonalKind::phone, PersonalKind::ip_address})
    out.push_back(name_of(kind));
  return out;
}

/// "2 emails, 1 phone": what was found, never the values.
std::string summary(const std::vector<PersonalKind>& found) {
  std::string out;
  for (const auto kind : {PersonalKind::email, PersonalKind::iban, PersonalKind::card, PersonalKind::national_id,
                          PersonalKind::phone, PersonalKind::ip_address})
    if (const auto count = std::count(found.begin(), found.end(), kind); count > 0)
      out += fmt::format("{}{} {}", out.empty() ? "" : ", ", count, name_of(kind));
  return out;
}

/// As values of the scan are written: letters of addresses small, all else without separators.
std::string as_value(const std::string& text) {
  std::string out;
  for (const char c : text)
    if (text.find('@') != std::string::npos)
      out.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
    else if (std::string_view(" -()/").find(c) == std::string_view::npos)
      out.push_back(c);
  return out;
}

}  // namespace

Result<std::unique_ptr<Validator>> PersonalData::make(const Params& params) {
  const auto known = all_kinds();
  for (const auto& kind : params.kinds) {
    if (std::find(known.begin(), known.end(), kind) != known.end()) continue;
    const auto near = nearest_name(kind, known);
    return Error{"bad_value", near.empty() ? fmt::format("kinds: \"{}\" is none of {}", kind, fmt::join(known, ", "))
                                           : fmt::format("kinds: \"{}\" is no kind; did you mean \"{}\"?", kind, near)};
  }
  return Result<std::unique_ptr<Validator>>(std::make_unique<PersonalData>(params));
}

PersonalData::PersonalData(const Params& params) : params_(params) {
  for (const auto& text : params.allow) {
    const auto found = scan_.find(text);  // a number with its separators
    allowed_.insert(found.size() == 1 ? found.front().value : as_value(text));
  }
}

bool PersonalData::counts(const PersonalDatum& datum) const {
  const auto& kinds = params_.kinds;
  if (!kinds.empty() && std::find(kinds.begin(), kinds.end(), name_of(datum.kind)) == kinds.end()) return false;
  const size_t at = datum.value.find('@');
  return !allowed_.contains(datum.value) && (at == std::string::npos || !allowed_.contains(datum.value.substr(at)));
}

std::set<std::string> PersonalData::given(const ReviewedRequest& request) const {
  std::set<std::string> out;
  const auto add = [&](const std::vector<std::string_view>& texts) {
    for (const std::string_view text : texts)
      for (const auto& datum : scan_.find(text)) out.insert(datum.value);
  };
  if (params_.allow_from_user) add(texts_of_user(request));
  if (params_.allow_from_documents) add(texts_looked_up(request));
  return out;
}

Validation PersonalData::check(const ReviewedRequest& request) const {
  std::optional<std::set<std::string>> known;  // only when something was found
  return worst_answer(request, [&](std::string_view answer) {
    std::vector<PersonalKind> leaked;
    std::set<std::string> seen;
    std::string where;
    for (const auto& datum : scan_.find(answer)) {
      if (!counts(datum)) continue;
      if (!known) known = given(request);
      if (known->contains(datum.value) || !seen.insert(datum.value).second) continue;
      if (leaked.empty()) {
        const size_t from = answer.rfind(' ', datum.begin < 2 ? 0 : datum.begin - 2);
        where = shown(answer.substr(from == std::string_view::npos ? 0 : from + 1,
                                    datum.begin + datum.size - (from == std::string_view::npos ? 0 : from + 1)));
      }
      leaked.push_back(datum.kind);
    }
    if (leaked.empty()) return passed("has no personal data of its own");
    return failed(fmt::format("has personal data that it was not given: {}, as in {}", summary(leaked), where));
  });
}

}  // namespace tidewatch
