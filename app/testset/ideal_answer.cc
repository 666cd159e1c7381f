#include "app/testset/ideal_answer.h"

#include <algorithm>
#include <map>

#include "stream/signals/words.h"

namespace tidewatch {
namespace {

constexpr size_t kMostBytes = size_t{64} << 10;

std::map<std::string, int> counted_words(std::string_view text) {
  std::map<std::string, int> out;
  for (const Word& word : words_of(text, kMostBytes)) ++out[word.text];
  return out;
}

int sum_of(const std::map<std::string, int>& words) {
  int out = 0;
  for (const auto& [word, count] : words) out += count;
  return out;
}

}  // namespace

double ideal_overlap(std::string_view answer, std::span<const std::string> ideals) {
  const auto said = counted_words(answer);
  const int answer_words = sum_of(said);
  double best = 0;
  for (const std::string& ideal : ideals) {
    const auto wanted = counted_words(ideal);
    const int ideal_words = sum_of(wanted);
    if (answer_words == 0 || ideal_words == 0) {
      best = std::max(best, answer_words == ideal_words ? 1.0 : 0.0);
      continue;
    }
    int shared = 0;
    for (const auto& [word, count] : wanted)
      if (const auto found = said.find(word); found != said.end()) shared += std::min(count, found->second);
    best = std::max(best, 2.0 * shared / (answer_words + ideal_words));
  }
  return best;
}

}  // namespace tidewatch
