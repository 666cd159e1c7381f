#include "stream/session/rephrase.h"

#include <algorithm>
#include <bit>

#include "stream/signals/fingerprint.h"

namespace tidewatch {

std::optional<int> question_distance(const Step& before, const Step& next) {
  if (!before.fingerprint || !next.fingerprint) return std::nullopt;
  const int of_words = fingerprint_distance(*before.fingerprint, *next.fingerprint);
  if (!before.content || !next.content) return of_words;
  return std::min(of_words, fingerprint_distance(*before.content, *next.content));
}

bool names_other_numbers(const Step& before, const Step& next) {
  if (before.numbers == 0 || next.numbers == 0) return false;
  const int fewer = std::min(std::popcount(before.numbers), std::popcount(next.numbers));
  return 2 * std::popcount(before.numbers & next.numbers) < fewer;
}

std::optional<bool> is_rephrase(const Step& before, const Step& next, const SessionOptions& options) {
  const auto distance = question_distance(before, next);
  if (!distance) return std::nullopt;
  return *distance <= options.rephrase_distance && next.start - before.end <= options.rephrase_within &&
         !names_other_numbers(before, next);
}

}  // namespace tidewatch
