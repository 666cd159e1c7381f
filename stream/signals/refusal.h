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
/// (schemas/phrases/refusal.yaml); what the answer quotes does not count. `./dev bench signals` prints precision and
/// recall on labelled answers.
class RefusalCheck {
 public:
  explicit RefusalCheck(Phrases phrases = Phrases::embedded("refusal")) : phrases_(std::move(phrases)) {}
  Refusal check(std::string_view answer) const;
  Refusal check(const std::vector<std::string>& sentences) const;  ///< of own_sentences(answer)
  const Phrases& phrases() const { return phrases_; }

 private:
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
