#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "stream/signals/manner.h"
#include "stream/signals/phrases.h"

namespace tidewatch {

enum class Refusal : unsigned char {
  none,
  partial,  ///< declines a part, or answers something else instead
  full,
};

/// Why an answer counts as it does.
struct RefusalReason {
  enum class Kind : unsigned char {
    phrase,      ///< a sentence declines outright
    opening,     ///< one of the first two does
    disclaimer,  ///< one of the first two denies an ability, and no answer follows
    manner,      ///< none declines outright; `log_odds` and `manner` say what the answer is made of
  };
  Refusal refusal = Refusal::none;
  Kind kind = Kind::manner;
  size_t sentence = 0;  ///< index of the sentence that declines; of no meaning for Kind::manner
  double log_odds = 0;  ///< only for Kind::manner: above 0 it declines
  Manner manner;        ///< only for Kind::manner; what speaks for an answer is added where the rest declines
};

/// Whether an answer declines. English, German, French, Spanish, Norwegian, Chinese and Japanese
/// (schemas/phrases/refusal.yaml); what the answer quotes does not count. An answer declines when a sentence says so,
/// or when its sentences judge, disapprove and redirect instead of answering (schemas/weights/refusal.yaml): then the
/// question helps, since a verdict may be what it asked for. `./dev bench signals` prints precision and recall on
/// labelled answers.
class RefusalCheck {
 public:
  explicit RefusalCheck(Phrases phrases = Phrases::embedded("refusal"),
                        const MannerWeights& weights = MannerWeights::embedded())
      : phrases_(std::move(phrases)), weights_(weights) {}
  Refusal check(std::string_view answer, const std::string& question = {}) const;
  /// `sentences`: own_sentences(answer). An empty question was not recorded.
  Refusal check(const std::vector<std::string>& sentences, const std::string& question) const;
  RefusalReason explain(const std::vector<std::string>& sentences, const std::string& question) const;
  const Phrases& phrases() const { return phrases_; }

 private:
  Phrases phrases_;
  MannerWeights weights_;
};

/// Whether an answer says that it does not know or cannot be sure (schemas/phrases/hedging.yaml).
class HedgingCheck {
 public:
  explicit HedgingCheck(Phrases phrases = Phrases::embedded("hedging")) : phrases_(std::move(phrases)) {}
  bool check(std::string_view answer) const;
  bool check(const std::vector<std::string>& sentences) const;  ///< of own_sentences(answer)

 private:
  Phrases phrases_;
};

}  // namespace tidewatch
