#include "stream/signals/stem.h"

#include "stream/signals/characters.h"

namespace tidewatch {
namespace {

constexpr size_t kStemCharacters = 6;

}  // namespace

std::string_view stem_of(const Word& word) {
  std::string_view text = word.text;
  if (word.is_number()) return text;
  if (text.size() > 3 && text.ends_with('s')) text.remove_suffix(1);
  size_t at = 0;
  for (size_t n = 0; at < text.size() && n < kStemCharacters; ++n) next_character(text, at);
  return text.substr(0, at);
}

}  // namespace tidewatch
