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

void print(const RefusalCheck& check, const Row& row, const std::vector<std::string>& sentences,
           const std::string& source) {
  const auto reason = check.explain(sentences, row.answer.question);
  nlohmann::ordered_json manner;
  Manner values = lecture_of(check.phrases(), sentences, row.answer.question);
  add_answer(check.phrases(), sentences, values);
  for (size_t i = 0; i < Manner::kNames.size(); ++i) manner[std::string(Manner::kNames[i])] = values.values[i];
  fmt::print("{}\n", nlohmann::ordered_json{{"source", source},
                                            {"question", row.answer.question},
                                            {"declines", row.answer.declines},
                                            {"outright", reason.kind != RefusalReason::Kind::manner},
                                            {"manner", manner}}
                         .dump());
}

/// What is left of an answer without the sentences that decline outright: only its manner shows what it does.
std::vector<std::string> without_outright(const Phrases& phrases, std::vector<std::string> sentences) {
  std::erase_if(sentences, [&](const std::string& sentence) {
    return phrases.says(sentence) || phrases.opens(sentence) || phrases.disclaims(sentence);
  });
  return sentences;
}

void print_all(const RefusalCheck& check, const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    const auto sentences = own_sentences(row.answer.text);
    print(check, row, sentences, row.source);
    const auto rest = without_outright(check.phrases(), sentences);
    if (rest.size() >= 2 && rest.size() < sentences.size()) print(check, row, rest, row.source + ", stripped");
  }
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
  for (int i = 2; i < argc; ++i) tidewatch::print_all(check, tidewatch::rows_of(argv[i]));
  return 0;
}
