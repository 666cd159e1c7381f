#pragma once

#include <xxhash.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace tidewatch {

/// An answer of HaluEval's QA part (Li et al., EMNLP 2023) with the text that it should be grounded in.
struct LabelledClaim {
  std::string question;
  std::string knowledge;
  std::string answer;
  bool is_invented = false;
  bool is_for_training = false;  ///< half of the questions, by hash: weights and thresholds see no other
};

/// halueval_qa.jsonl: of each question the right answer, then the invented one.
inline std::vector<LabelledClaim> read_halueval_qa(const std::string& path) {
  std::ifstream in(path);
  std::vector<LabelledClaim> out;
  for (std::string line; std::getline(in, line);) {
    const auto row = nlohmann::json::parse(line);
    LabelledClaim claim;
    claim.question = row["question"].get<std::string>();
    claim.knowledge = row["knowledge"].get<std::string>();
    claim.is_for_training = (XXH3_64bits(claim.question.data(), claim.question.size()) & 1) == 0;
    for (const bool is_invented : {false, true}) {
      claim.answer = row[is_invented ? "hallucinated_answer" : "right_answer"].get<std::string>();
      claim.is_invented = is_invented;
      out.push_back(claim);
    }
  }
  return out;
}

}  // namespace tidewatch
