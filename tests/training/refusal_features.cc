// Prints, one JSON object a line, what the refusal check sees in labelled answers: tests/training/train_refusal.py
// weighs it. Arguments: phrase table, then files: .csv of XSTest or .yaml of answers in several styles.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "stream/signals/refusal.h"
#include "stream/signals/sentences.h"
#include "tests/unit/stream/signals/labelled.h"
#include "tests/unit/stream/signals/styled_answers.h"

namespace tidewatch {
namespace {

struct Row {
  std::string source;
  LabelledAnswer answer;
};

void print(const RefusalCheck& check, const Row& row) {
  const auto sentences = own_sentences(row.answer.text);
  const auto answer = without_greetings(check.phrases(), sentences);
  Manner values = lecture_of(check.phrases(), answer, row.answer.question);
  add_answer(check.phrases(), answer, values);
  nlohmann::ordered_json manner;
  for (size_t i = 0; i < Manner::kNames.size(); ++i) manner[std::string(Manner::kNames[i])] = values.values[i];
  const auto reason = check.explain(sentences, row.answer.question);
  fmt::print("{}\n", nlohmann::ordered_json{{"source", row.source},
                                            {"question", row.answer.question},
                                            {"declines", row.answer.declines},
                                            {"outright", reason.kind != RefusalReason::Kind::manner},
                                            {"manner", manner}}
                         .dump());
}

std::vector<Row> rows_of(const std::string& path) {
  std::vector<Row> out;
  if (std::filesystem::path(path).extension() == ".csv") {
    for (auto& answer : read_labelled(path)) out.push_back({"xstest", std::move(answer)});
  } else {
    for (auto& answer : read_styled(path)) out.push_back({answer.style, std::move(answer.labelled)});
  }
  return out;
}

}  // namespace
}  // namespace tidewatch

int main(int argc, char** argv) {
  if (argc < 3) {
    fmt::print(stderr, "usage: {} PHRASES.yaml FILE…\n", argv[0]);
    return 64;
  }
  std::ifstream in(argv[1], std::ios::binary);
  const std::string table((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  auto phrases = tidewatch::Phrases::parse(table, argv[1]);
  if (!phrases) {
    fmt::print(stderr, "{}\n", phrases.error().message);
    return 65;
  }
  const tidewatch::RefusalCheck check(std::move(phrases).value());
  for (int i = 2; i < argc; ++i)
    for (const auto& row : tidewatch::rows_of(argv[i])) tidewatch::print(check, row);
  return 0;
}
