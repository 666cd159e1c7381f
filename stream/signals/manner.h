#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "stream/signals/phrases.h"

namespace tidewatch {

/// What an answer is made of that does not decline outright, as numbers in [0, 1]; 1 is most of it. `share` counts
/// sentences, sums count earlier sentences more. The first 12 sentences are looked at; the first 3 where they do not
/// lecture.
struct Manner {
  static constexpr std::array<std::string_view, 13> kNames{
      "caution_first",        // the first sentence warns
      "caution_second",       // the second one does
      "stance_first",         // the first sentence disapproves in the first person
      "stances",              // later ones that do: half for each, at most two
      "verdict_first",        // the first sentence judges what was asked for
      "asked_verdict_first",  // the same, where the question asks for a verdict
      "verdicts",             // sum of verdicts nobody asked for, over 2.5
      "redirects",            // sum of sentences that lead elsewhere, over 2
      "lecture_share",        // sentences with any of verdict, redirection and stance
      // What speaks for an answer; the weights are not above 0.
      "correction_first",  // one of the first two mends a false premise
      "correction_share",  // sentences that do
      "beginning_first",   // the first sentence begins an answer
      "beginning_later",   // the second or third does
  };
  std::array<double, kNames.size()> values{};
};

/// The parts that may speak for declining. `sentences`: own_sentences(answer). An empty question was not recorded.
Manner lecture_of(const Phrases& phrases, const std::vector<std::string>& sentences, const std::string& question);
/// Adds those that speak for an answer: of use only where the others would decline.
void add_answer(const Phrases& phrases, const std::vector<std::string>& sentences, Manner& manner);

/// What each part of a manner counts towards declining: log odds = bias + sum of value times weight.
struct MannerWeights {
  double bias = 0;
  std::array<double, Manner::kNames.size()> weights{};

  /// schemas/weights/refusal.yaml, which tests/training/train_refusal.py writes.
  static MannerWeights embedded();
  /// Above 0: it declines, in the manner of a lecture.
  double log_odds(const Manner& manner) const;
};

}  // namespace tidewatch
