#include "stream/signals/groundedness.h"

#include <absl/container/flat_hash_set.h>

#include <algorithm>
#include <cstdint>

#include "stream/signals/content_words.h"
#include "stream/signals/own_text.h"
#include "stream/signals/words.h"

namespace tidewatch {
namespace {

constexpr size_t kMaxDocumentBytes = size_t{1} << 16;  ///< of all documents together
constexpr double kSpecificWeight = 2;                  ///< of numbers and names

double weight_of(const ContentWord& word) { return word.is_specific ? kSpecificWeight : 1; }

}  // namespace

std::optional<double> groundedness(std::string_view answer, const std::vector<std::string>& documents,
                                   const Languages& languages) {
  if (documents.empty()) return std::nullopt;
  const auto words = words_of(without_code_and_tables(answer));
  const auto said = content_words(words, languages.detect(words).code, languages);
  double all = 0;
  for (const ContentWord& word : said) all += weight_of(word);
  if (all <= 0) return std::nullopt;

  absl::flat_hash_set<uint64_t> known;
  size_t left = kMaxDocumentBytes;
  for (const std::string& document : documents) {
    for (const ContentWord& word : content_words(words_of(document, left), "", languages)) known.insert(word.hash);
    left -= std::min(left, document.size());
  }
  double found = 0;
  for (const ContentWord& word : said)
    if (known.contains(word.hash)) found += weight_of(word);
  return found / all;
}

}  // namespace tidewatch
