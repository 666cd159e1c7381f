#include "stream/evaluate/hallucination/terms.h"

#include <xxhash.h>

#include "stream/signals/stem.h"

namespace tidewatch {
namespace {

constexpr size_t kMinWordBytes = 3;

bool is_name(const std::vector<Word>& words, size_t at) {
  if (!words[at].is_capitalised) return false;
  if (!words[at].starts_sentence) return true;
  return words.size() == 1 || (at + 1 < words.size() && words[at + 1].is_capitalised);
}

}  // namespace

uint64_t term_key(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }

std::vector<Term> terms_of(const std::vector<Word>& words, const Languages& languages, std::string_view language) {
  std::vector<Term> out;
  out.reserve(words.size());
  const auto add = [&](std::string text, TermKind kind, std::string_view stem) {
    const uint64_t of_stem = term_key(stem);
    const uint64_t key = kind == TermKind::name ? term_key(text) : of_stem;
    out.push_back({std::move(text), kind, key, of_stem});
  };
  for (size_t i = 0; i < words.size(); ++i) {
    const Word& word = words[i];
    if (is_unspaced(word.script)) {
      // Kana alone are mostly endings and particles: pairs that hold a Han or Thai character carry content.
      if (i + 1 == words.size() || !is_unspaced(words[i + 1].script)) continue;
      if (word.script == Script::kana && words[i + 1].script == Script::kana) continue;
      const std::string pair = word.text + words[i + 1].text;
      add(pair, TermKind::word, pair);
    } else if (word.is_number()) {
      add(word.text, TermKind::number, word.text);
    } else if (word.text.size() >= kMinWordBytes && !languages.is_function_word(word.text, language)) {
      add(word.text, is_name(words, i) ? TermKind::name : TermKind::word, stem_of(word));
    }
  }
  return out;
}

}  // namespace tidewatch
