#include "stream/evaluate/validators/length.h"

#include "stream/signals/sentences.h"
#include "stream/signals/words.h"

namespace tidewatch {
namespace {

/// What is wrong with a count; empty: nothing.
std::string beyond(size_t count, const char* unit, std::optional<uint32_t> min, std::optional<uint32_t> max) {
  if (min && count < *min) return fmt::format("{} {}, fewer than {}", count, unit, *min);
  if (max && count > *max) return fmt::format("{} {}, more than {}", count, unit, *max);
  return {};
}

bool contradict(std::optional<uint32_t> min, std::optional<uint32_t> max) { return min && max && *min > *max; }

}  // namespace

Result<std::unique_ptr<Validator>> Length::make(const Params& params) {
  const auto& [min_characters, max_characters, min_words, max_words, max_sentences] = params;
  if (!min_characters && !max_characters && !min_words && !max_words && !max_sentences)
    return Error{"bad_value", "max_characters: no limit is given; set this one or another"};
  if (contradict(min_characters, max_characters))
    return Error{"bad_value",
                 fmt::format("min_characters: {} is above max_characters, {}", *min_characters, *max_characters)};
  if (contradict(min_words, max_words))
    return Error{"bad_value", fmt::format("min_words: {} is above max_words, {}", *min_words, *max_words)};
  return Result<std::unique_ptr<Validator>>(std::make_unique<Length>(params));
}

Validation Length::check(const ReviewedRequest& request) const {
  return worst_answer(request, [&](std::string_view answer) {
    if (answer.empty() && !request.tool_calls.empty()) return not_applicable("the answer only calls tools");
    return check_answer(answer);
  });
}

Validation Length::check_answer(std::string_view answer) const {
  const auto& [min_characters, max_characters, min_words, max_words, max_sentences] = params_;
  if (min_characters || max_characters)
    if (auto wrong = beyond(count_characters(answer), "characters", min_characters, max_characters); !wrong.empty())
      return failed(std::move(wrong));
  if (min_words || max_words)
    if (auto wrong = beyond(words_of(answer, answer.size()).size(), "words", min_words, max_words); !wrong.empty())
      return failed(std::move(wrong));
  if (max_sentences)
    if (auto wrong = beyond(own_sentences(answer, answer.size()).size(), "sentences", {}, max_sentences);
        !wrong.empty())
      return failed(std::move(wrong));
  return passed("within the limits");
}

}  // namespace tidewatch
