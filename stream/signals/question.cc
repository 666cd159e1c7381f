#include "stream/signals/question.h"

#include <xxhash.h>

#include <algorithm>
#include <array>

#include "stream/signals/characters.h"
#include "stream/signals/content_words.h"

namespace tidewatch {

std::optional<uint64_t> content_fingerprint(const std::vector<Word>& words, std::string_view language,
                                            const Languages& languages) {
  std::vector<Word> without_numbers;
  std::copy_if(words.begin(), words.end(), std::back_inserter(without_numbers),
               [](const Word& word) { return !word.is_number(); });
  std::vector<uint64_t> hashes;
  for (const ContentWord& word : content_words(without_numbers, language, languages)) hashes.push_back(word.hash);
  if (hashes.empty()) return std::nullopt;
  std::sort(hashes.begin(), hashes.end());
  hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
  std::array<int, 64> votes{};
  uint64_t of_all = 0;
  for (const uint64_t hash : hashes) {
    of_all ^= hash;
    for (unsigned bit = 0; bit < 64; ++bit) votes[bit] += (hash >> bit & 1) != 0 ? 1 : -1;
  }
  const uint64_t drawn = XXH3_64bits_withSeed("", 0, of_all);
  uint64_t out = 0;
  for (unsigned bit = 0; bit < 64; ++bit) {
    // A draw, which of two words half the bits are, is decided by all words together: by one of them, two questions
    // that share only that word would be the same.
    const bool is_set = votes[bit] != 0 ? votes[bit] > 0 : (drawn >> bit & 1) != 0;
    if (is_set) out |= uint64_t{1} << bit;
  }
  return out;
}

uint64_t number_bits(const std::vector<Word>& words) {
  uint64_t out = 0;
  for (const Word& word : words)
    if (word.is_number()) out |= uint64_t{1} << (XXH3_64bits(word.text.data(), word.text.size()) % 64);
  return out;
}

std::optional<double> readability_lix(const std::vector<Word>& words) {
  constexpr uint32_t kLong = 6;  ///< letters; longer ones count
  constexpr double kUnspaced = 0.1;
  double sentences = 0;
  double long_words = 0;
  double unspaced = 0;
  for (const Word& word : words) {
    sentences += word.starts_sentence ? 1 : 0;
    unspaced += is_unspaced(word.script) ? 1 : 0;
    long_words += count_characters(word.text) > kLong ? 1 : 0;
  }
  const auto count = static_cast<double>(words.size());
  if (words.empty() || unspaced > kUnspaced * count) return std::nullopt;
  return count / std::max(1.0, sentences) + 100 * long_words / count;
}

}  // namespace tidewatch
