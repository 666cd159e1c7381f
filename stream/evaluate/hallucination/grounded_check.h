#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stream/evaluate/hallucination/claim_evidence.h"

namespace tidewatch {

/// What each part of the evidence counts against a claim: log odds = bias + sum of value times weight.
struct GroundednessWeights {
  double bias = 0;
  std::array<double, ClaimEvidence::kNames.size()> weights{};  ///< none below 0

  /// schemas/weights/groundedness.yaml, which tests/training/train_groundedness.py writes.
  static GroundednessWeights embedded();
  double log_odds(const ClaimEvidence& evidence) const;
};

/// A claim (a sentence of the answer) and how well the documents bear it out.
struct CheckedClaim {
  std::string text;
  double support = 0;  ///< 0..1; below 0.5 it is more likely invented than not, were one half of all answers invented
  ExaminedClaim found;
};

struct Grounded {
  /// Support of the weakest claim, 0..1: an answer is as true as its least supported sentence.
  double support = 0;
  double supported_share = 0;  ///< share of its claims, by weight, whose support is 0.5 and more
  size_t weakest = 0;          ///< index of the weakest claim
  std::vector<CheckedClaim> claims;

  /// A sentence for a person: which claim is not borne out, and why.
  std::string why() const;
};

/// Whether an answer says what its retrieved documents say, by words alone and without a model: each sentence is
/// compared with the passage that says most of it. Tells invented names, numbers and statements from repeated ones.
/// Does not understand: a false statement made of the right words passes, a right one in other words does not
/// (docs/hallucination.md says how far it carries, measured). About 0.03 ms where both are short, 3 ms for 64 kB, of
/// which no more is looked at. Safe to share between threads.
class GroundedCheck {
 public:
  explicit GroundedCheck(Languages languages = Languages::embedded(),
                         Contradictions contradictions = Contradictions::embedded(),
                         const GroundednessWeights& weights = GroundednessWeights::embedded())
      : languages_(std::move(languages)), contradictions_(std::move(contradictions)), weights_(weights) {}

  /// Nothing without documents, or when the answer claims nothing ("Yes.", a question back). `question`: the user's;
  /// empty: not recorded.
  std::optional<Grounded> check(std::string_view answer, const std::vector<std::string>& documents,
                                const std::string& question) const;

 private:
  Languages languages_;
  Contradictions contradictions_;
  GroundednessWeights weights_;
};

}  // namespace tidewatch
