#include "stream/signals/groundedness.h"

#include <absl/container/flat_hash_set.h>
#include <xxhash.h>

#include <algorithm>
#include <cstdint>

#include "stream/signals/own_text.h"
#include "stream/signals/stem.h"
#include "stream/signals/words.h"

namespace tidewatch {
namespace {

constexpr size_t kMaxDocumentBytes = size_t{1} << 16;  ///< of all documents together
constexpr size_t kMinWordBytes = 3;
constexpr double kSpecificWeight = 2;  ///< of numbers and names

uint64_t hash_of(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }

struct Feature {
  uint64_t hash;
  double weight;
};

class Features {
 public:
  explicit Features(const Languages& languages) : languages_(languages) {}

  /// Content words of a text in order, each occurrence.
  std::vector<Feature> of(const std::vector<Word>& words, const std::string& language) const {
    std::vector<Feature> out;
    out.reserve(words.size());
    for (size_t i = 0; i < words.size(); ++i) {
      const Word& word = words[i];
      if (is_unspaced(word.script)) {
        // Kana alone are mostly endings and particles: pairs that hold a Han or Thai character carry content.
        if (i + 1 < words.size() && is_unspaced(words[i + 1].script) &&
            (word.script != Script::kana || words[i + 1].script != Script::kana))
          out.push_back({hash_of(word.text + words[i + 1].text), 1});
      } else if (word.is_number()) {
        out.push_back({hash_of(word.text), kSpecificWeight});
      } else if (word.text.size() >= kMinWordBytes && !languages_.is_function_word(word.text, language)) {
        const bool is_name = word.is_capitalised && !word.starts_sentence;
        out.push_back({hash_of(stem_of(word)), is_name ? kSpecificWeight : 1});
      }
    }
    return out;
  }

 private:
  const Languages& languages_;
};

}  // namespace

std::optional<double> groundedness(std::string_view answer, const std::vector<std::string>& documents,
                                   const Languages& languages) {
  if (documents.empty()) return std::nullopt;
  const Features features(languages);
  const auto words = words_of(without_code_and_tables(answer));
  const auto said = features.of(words, languages.detect(words).code);
  double all = 0;
  for (const Feature& feature : said) all += feature.weight;
  if (all <= 0) return std::nullopt;

  absl::flat_hash_set<uint64_t> known;
  size_t left = kMaxDocumentBytes;
  for (const std::string& document : documents) {
    for (const Feature& feature : features.of(words_of(document, left), "")) known.insert(feature.hash);
    left -= std::min(left, document.size());
  }
  double found = 0;
  for (const Feature& feature : said)
    if (known.contains(feature.hash)) found += feature.weight;
  return found / all;
}

}  // namespace tidewatch
