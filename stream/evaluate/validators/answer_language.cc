#include "stream/evaluate/validators/answer_language.h"

#include <algorithm>

#include "schemas/embedded.h"
#include "stream/signals/json_answer.h"
#include "stream/signals/own_text.h"

namespace tidewatch {
namespace {

/// Languages of which there is a profile: "de" of de.yaml.
std::vector<std::string_view> known_languages() {
  std::vector<std::string_view> out;
  for (const auto& [file, content] : embedded_languages()) out.push_back(file.substr(0, file.find('.')));
  return out;
}

bool is_known(std::string_view language) {
  const auto known = known_languages();
  return std::find(known.begin(), known.end(), language) != known.end();
}

}  // namespace

Result<std::unique_ptr<Validator>> AnswerLanguage::make(const Params& params) {
  if (!params.language.empty() && !is_known(params.language))
    return Error{"bad_value", fmt::format("language: \"{}\" cannot be told from others; there are {}", params.language,
                                          fmt::join(known_languages(), ", "))};
  return Result<std::unique_ptr<Validator>>(std::make_unique<AnswerLanguage>(params));
}

Validation AnswerLanguage::check(const ReviewedRequest& request) const {
  const std::string_view named = params_.language.empty() ? request.language : params_.language;
  if (!named.empty() && !is_known(named)) return not_applicable("there is no profile of the language asked for");
  // Whoever asks for a language gets no confidence less than certain.
  const Language wanted = named.empty() ? languages_.detect(request.question) : Language{std::string(named), 1};
  if (wanted.code.empty()) return not_applicable("the language of the question cannot be told");
  return worst_answer(request, [&](std::string_view answer) {
    if (json_form(answer) == JsonForm::whole) return not_applicable("the answer is JSON");
    const Language answered = languages_.detect(without_code_and_tables(answer));
    if (answered.code.empty()) return not_applicable("the language of the answer cannot be told");
    const auto is_wrong = is_wrong_language(languages_, named.empty() ? request.question : "", wanted, answered);
    if (!is_wrong) return not_applicable("the languages cannot be told apart, or the question names one");
    if (!*is_wrong) return passed(fmt::format("is in {}", answered.code));
    return failed(fmt::format("is in {}, not in {}", answered.code, wanted.code));
  });
}

}  // namespace tidewatch
