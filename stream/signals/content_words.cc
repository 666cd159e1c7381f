#include "stream/signals/content_words.h"

#include <xxhash.h>

#include "stream/signals/characters.h"
#include "stream/signals/stem.h"

namespace tidewatch {
namespace {

constexpr size_t kMinWordBytes = 3;

uint64_t hash_of(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }

}  // namespace

std::vector<ContentWord> content_words(const std::vector<Word>& words, std::string_view language,
                                       const Languages& languages) {
  std::vector<ContentWord> out;
  out.reserve(words.size());
  for (size_t i = 0; i < words.size(); ++i) {
    const Word& word = words[i];
    if (is_unspaced(word.script)) {
      // Kana alone are mostly endings and particles: pairs that hold a Han or Thai character carry content.
      if (i + 1 < words.size() && is_unspaced(words[i + 1].script) &&
          (word.script != Script::kana || words[i + 1].script != Script::kana))
        out.push_back({hash_of(word.text + words[i + 1].text), false});
    } else if (word.is_number()) {
      out.push_back({hash_of(word.text), true});
    } else if (word.text.size() >= kMinWordBytes && !languages.is_function_word(word.text, language)) {
      out.push_back({hash_of(stem_of(word)), word.is_capitalised && !word.starts_sentence});
    }
  }
  return out;
}

}  // namespace tidewatch
