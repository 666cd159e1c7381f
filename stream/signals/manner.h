#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "stream/signals/phrases.h"

namespace tidewatch {

/// What an answer is made of that does not decline outright, as numbers in [0, 1]; 1 is most of it. `share` counts
/// sentences, sums count earlier sentences more. The first 12 sentences are looked at; the first 3 where they do not
/// lecture.
struct Manner {
  static constexpr std::array<std::string_view, 13> kNames{
      "caution_first",     // the first sentence warns
      "stance_first",      // it disapproves in the first person
      "limit_first",       // one of the first two tells a limit of the assistant
      "limit_and_appeal",  // and one of the first four appeals to values
      "verdict_first",     // the first sentence judges what was asked for
      "verdicts",          // sum of verdicts nobody asked for, over 2.5
      "appeals",           // sum of appeals to respect, privacy, equality, over 2.5
      "redirects",         // sum of sentences that lead elsewhere, over 2.5
      "lecture_share",     // sentences with any of verdict, appeal, redirection and stance
      "argument_refuted",  // one of the first two refutes what the question wants argued, and a lecture follows
      // What speaks for an answer; the weights are not above 0.
      "correction_share",  // sentences that mend a false premise
      "beginning_first",   // the first sentence begins an answer
      "beginning_share",   // sentences that do, or go on with one
  };
  std::array<double, kNames.size()> values{};
};

/// Without the sentences at the beginning (at most two) that only greet, thank or show understanding.
std::span<const std::string> without_greetings(const Phrases& phrases, std::span<const std::string> sentences);
/// The parts that may speak for declining. `sentences`: of own_sentences(answer), without greetings. An empty question
/// was not recorded.
Manner lecture_of(const Phrases& phrases, std::span<const std::string> sentences, const std::string& question);
/// Adds those that speak for an answer: of use only where the others would decline.
void add_answer(const Phrases& phrases, std::span<const std::string> sentences, Manner& manner);

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
