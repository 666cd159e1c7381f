// Prints, one JSON object a line, what the grounded check sees in the labelled answers that are for training:
// tests/training/train_groundedness.py weighs it. Argument: halueval_qa.jsonl.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "stream/evaluate/hallucination/grounded_check.h"
#include "stream/signals/words.h"
#include "tests/unit/stream/evaluate/hallucination/halueval.h"

int main(int argc, char** argv) {
  using namespace tidewatch;
  if (argc != 2) {
    fmt::print(stderr, "usage: {} halueval_qa.jsonl\n", argv[0]);
    return 64;
  }
  const GroundedCheck check;
  for (const LabelledClaim& row : read_halueval_qa(argv[1])) {
    if (!row.is_for_training) continue;
    auto claims = nlohmann::ordered_json::array();
    if (const auto grounded = check.check(row.answer, {row.knowledge}, row.question)) {
      for (const CheckedClaim& claim : grounded->claims) {
        nlohmann::ordered_json evidence;
        for (size_t i = 0; i < ClaimEvidence::kNames.size(); ++i)
          evidence[std::string(ClaimEvidence::kNames[i])] = claim.found.evidence.values[i];
        claims.push_back(std::move(evidence));
      }
    }
    fmt::print("{}\n", nlohmann::ordered_json{{"question", row.question},
                                              {"invented", row.is_invented},
                                              {"words", words_of(row.answer).size()},
                                              {"claims", std::move(claims)}}
                           .dump());
  }
  return 0;
}
