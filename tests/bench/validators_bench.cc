// Agreement of the validators with labels: cases written by hand, and invented answers of HaluEval QA where it is here.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "tests/unit/stream/evaluate/validators/cases.h"
#include "tests/unit/stream/signals/labelled.h"

namespace tidewatch {
namespace {

/// A failed validation is the finding; what is not applicable finds nothing.
void print_cases() {
  std::map<std::string, Agreement> agreements;
  for (const auto& labelled : read_validator_cases()) {
    const auto validator = make_validator(labelled.check, labelled.settings);
    const bool said = validator.value()->check(labelled.request).has_failed();
    agreements[labelled.check].add(said, labelled.outcome == Validation::Outcome::failed);
  }
  fmt::print("{:20} {:>5} {:>5} {:>9} {:>6}\n", "cases by hand", "n", "fail", "precision", "recall");
  for (const auto& [check, agreement] : agreements)
    fmt::print("{:20} {:5} {:5} {:9.3f} {:6.3f}\n", check, agreement.total(),
               agreement.true_positive + agreement.false_negative, agreement.precision(), agreement.recall());
}

/// Area under the ROC curve of "the lower the score, the likelier invented"; ties count half.
double auc(const std::vector<double>& right, const std::vector<double>& invented) {
  double wins = 0;
  for (const double a : right)
    for (const double b : invented) wins += a > b ? 1 : a == b ? 0.5 : 0;
  return wins / (static_cast<double>(right.size()) * static_cast<double>(invented.size()));
}

struct Judged {
  Agreement all;   ///< not applicable counts as not found
  Agreement some;  ///< of answers that could be judged
  std::vector<double> right;
  std::vector<double> invented;
};

void judge(Judged& judged, const Validator& validator, const nlohmann::json& row, const char* key) {
  const auto knowledge = row["knowledge"].get<std::string>();
  const auto question = row["question"].get<std::string>();
  const auto answer = row[key].get<std::string>();
  ReviewedRequest request;
  request.question = question;
  request.documents = {{.id = {}, .title = {}, .url = {}, .text = knowledge}};
  request.answers = {answer};
  const Validation said = validator.check(request);
  const bool is_invented = std::string_view(key) == "hallucinated_answer";
  judged.all.add(said.has_failed(), is_invented);
  if (!said.is_applicable()) return;
  judged.some.add(said.has_failed(), is_invented);
  (is_invented ? judged.invented : judged.right).push_back(said.score.value_or(said.has_passed() ? 1 : 0));
}

void print_numbers() {
  const std::string file = std::string(TIDEWATCH_SHARED_DIR) + "/samples/labels/halueval_qa.jsonl";
  const auto validator = make_validator("numbers", {});
  Judged judged;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const auto row = nlohmann::json::parse(line);
    judge(judged, *validator.value(), row, "right_answer");
    judge(judged, *validator.value(), row, "hallucinated_answer");
  }
  fmt::print("\nnumbers as a sign of invention, HaluEval QA\n");
  fmt::print("all answers {}: precision {:.3f}, recall {:.3f}\n", judged.all.total(), judged.all.precision(),
             judged.all.recall());
  fmt::print("answers with numbers {} ({} invented): precision {:.3f}, recall {:.3f}, AUC of the score {:.3f}\n",
             judged.some.total(), judged.invented.size(), judged.some.precision(), judged.some.recall(),
             auc(judged.right, judged.invented));
}

/// Answers of ChatGPT that nothing is known to be wrong with: what is found in them is mostly false, and is to be read.
void print_ordinary_answers() {
  const std::string file = std::string(TIDEWATCH_SHARED_DIR) + "/samples/labels/halueval_general.jsonl";
  constexpr std::array kChecks{"personal_data", "secrets", "prompt_injection", "safety", "code", "language"};
  std::map<std::string, std::unique_ptr<Validator>> validators;
  for (const char* check : kChecks) validators[check] = std::move(make_validator(check, {}).value());
  std::map<std::string, std::array<int, 2>> counts;  ///< judged, failed
  std::map<std::string, std::vector<std::string>> reasons;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const auto row = nlohmann::json::parse(line);
    const auto question = row["user_query"].get<std::string>();
    const auto answer = row["chatgpt_response"].get<std::string>();
    ReviewedRequest request;
    request.question = question;
    request.answers = {answer};
    for (const auto& [check, validator] : validators) {
      const Validation said = validator->check(request);
      counts[check][0] += said.is_applicable() ? 1 : 0;
      counts[check][1] += said.has_failed() ? 1 : 0;
      if (said.has_failed() && reasons[check].size() < 12) reasons[check].push_back(said.why);
    }
  }
  fmt::print("\nordinary answers, HaluEval\n");
  for (const auto& [check, count] : counts) {
    fmt::print("{:20} judged {:5}, failed {:4}\n", check, count[0], count[1]);
    for (const auto& why : reasons[check]) fmt::print("    {}\n", why);
  }
}

}  // namespace
}  // namespace tidewatch

int main() {
  tidewatch::print_cases();
  if (std::string_view(TIDEWATCH_SHARED_DIR).empty()) {
    fmt::print("HaluEval is not here: set TIDEWATCH_SHARED\n");
    return 0;
  }
  tidewatch::print_numbers();
  tidewatch::print_ordinary_answers();
  return 0;
}
