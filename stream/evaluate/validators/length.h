#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "detectors/core/params.h"
#include "stream/evaluate/validators/validator.h"

namespace tidewatch {

struct LengthParams {
  std::optional<uint32_t> min_characters;
  std::optional<uint32_t> max_characters;
  std::optional<uint32_t> min_words;
  std::optional<uint32_t> max_words;
  std::optional<uint32_t> max_sentences;

  static constexpr auto table() {
    constexpr Range kAny = range(0, 10'000'000);
    return params(
        field("min_characters", &LengthParams::min_characters, kAny, "fewest Unicode characters"),
        field("max_characters", &LengthParams::max_characters, kAny, "most Unicode characters"),
        field("min_words", &LengthParams::min_words, kAny, "fewest words"),
        field("max_words", &LengthParams::max_words, kAny, "most words"),
        field("max_sentences", &LengthParams::max_sentences, kAny, "most sentences; code and quotations are none"));
  }
};

/// Whether the answer keeps to limits of its length. A character of a script without spaces counts as a word. An answer
/// that only calls tools has no length to judge. Not made without any limit, or with a lower one above the upper one.
class Length : public Validator {
 public:
  using Params = LengthParams;
  static Result<std::unique_ptr<Validator>> make(const Params& params);
  explicit Length(const Params& params) : params_(params) {}
  Validation check(const ReviewedRequest& request) const override;

 private:
  Validation check_answer(std::string_view answer) const;
  Params params_;
};

}  // namespace tidewatch
