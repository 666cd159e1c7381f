#include "stream/signals/fingerprint.h"

#include <xxhash.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

namespace tidewatch {
namespace {

// Questions longer than this are told apart by their beginning.
constexpr size_t kMaxBytes = 8192;

bool is_ascii_word(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// The first byte tells the script well enough: three-byte characters from U+3040 on (kana, CJK, Hangul) stand alone.
bool is_own_word(std::string_view character) {
  return character.size() >= 3 && static_cast<unsigned char>(character.front()) >= 0xE3;
}
/// U+3000..U+303F and U+FF00..U+FF0F: ideographic punctuation; U+2000..U+206F: general punctuation.
bool is_punctuation(std::string_view character) {
  return character.starts_with("\xE3\x80") || character.starts_with("\xEF\xBC") || character.starts_with("\xE2\x80") ||
         character.starts_with("\xE2\x81") || character.starts_with('\xC2');
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> out;
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) out.push_back(std::exchange(word, {}));
  };
  text = text.substr(0, kMaxBytes);
  for (size_t at = 0; at < text.size();) {
    size_t next = at + 1;
    while (next < text.size() && is_continuation(text[next])) ++next;
    const std::string_view character = text.substr(at, next - at);
    at = next;
    char c = character.front();
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool is_ascii = character.size() == 1 && static_cast<unsigned char>(c) < 0x80;
    if (is_ascii && is_ascii_word(c))
      word.push_back(c);
    else if (is_ascii || is_punctuation(character))
      end_word();
    else if (is_own_word(character)) {
      end_word();
      out.emplace_back(character);
    } else
      word.append(character);
  }
  end_word();
  return out;
}

}  // namespace

std::optional<uint64_t> question_fingerprint(std::string_view question) {
  const auto words = words_of(question);
  if (words.empty()) return std::nullopt;
  std::array<int, 64> votes{};
  const auto vote = [&](std::string_view feature) {
    const uint64_t hash = XXH3_64bits(feature.data(), feature.size());
    for (unsigned bit = 0; bit < 64; ++bit) votes[bit] += (hash >> bit & 1) != 0 ? 1 : -1;
  };
  for (size_t i = 0; i < words.size(); ++i) {
    vote(words[i]);
    if (i + 1 < words.size()) vote(words[i] + ' ' + words[i + 1]);
  }
  uint64_t out = 0;
  for (unsigned bit = 0; bit < 64; ++bit)
    if (votes[bit] > 0) out |= uint64_t{1} << bit;
  return out;
}

}  // namespace tidewatch
