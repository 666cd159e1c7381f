#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "stream/signals/phrases.h"

namespace tidewatch {

enum class Refusal : unsigned char {
  none,
  partial,  ///< declines a part, or answers something else instead
  full,
};

/// Whether an answer declines. English, German, French, Spanish, Norwegian, Chinese and Japanese
/// (schemas/phrases/refusal.yaml); what the answer quotes does not count. An answer declines when a sentence says so,
/// or when its sentences judge and redirect instead of answering: then the question helps, since a verdict may be what
/// it asked for. `./dev bench signals` prints precision and recall on labelled answers.
class RefusalCheck {
 public:
  explicit RefusalCheck(Phrases phrases = Phrases::embedded("refusal")) : phrases_(std::move(phrases)) {}
  Refusal check(std::string_view answer, const std::string& question = {}) const;
  /// `sentences`: own_sentences(answer). An empty question was not recorded.
  Refusal check(const std::vector<std::string>& sentences, const std::string& question) const;
  const Phrases& phrases() const { return phrases_; }

 private:
  bool is_lecture(const std::vector<std::string>& sentences, const std::string& question) const;

  Phrases phrases_;
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
