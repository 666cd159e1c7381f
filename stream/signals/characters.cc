#include "stream/signals/characters.h"

#include <algorithm>
#include <array>

namespace tidewatch {
namespace {

constexpr char32_t kBroken = 0xFFFD;

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

struct ScriptRange {
  char32_t from;
  char32_t to;
  Script script;
};

// Unicode 15 blocks, in order.
constexpr std::array kRanges{
    ScriptRange{0x0041, 0x005A, Script::latin},    ScriptRange{0x0061, 0x007A, Script::latin},
    ScriptRange{0x00AA, 0x00AA, Script::latin},    ScriptRange{0x00BA, 0x00BA, Script::latin},
    ScriptRange{0x00C0, 0x00D6, Script::latin},    ScriptRange{0x00D8, 0x00F6, Script::latin},
    ScriptRange{0x00F8, 0x024F, Script::latin},    ScriptRange{0x0370, 0x0373, Script::greek},
    ScriptRange{0x0376, 0x03FF, Script::greek},    ScriptRange{0x0400, 0x0481, Script::cyrillic},
    ScriptRange{0x048A, 0x052F, Script::cyrillic}, ScriptRange{0x0531, 0x0587, Script::other},
    ScriptRange{0x05D0, 0x05F2, Script::hebrew},   ScriptRange{0x0620, 0x064A, Script::arabic},
    ScriptRange{0x066E, 0x06D3, Script::arabic},   ScriptRange{0x06FA, 0x06FF, Script::arabic},
    ScriptRange{0x0750, 0x077F, Script::arabic},   ScriptRange{0x0900, 0x0963, Script::other},
    ScriptRange{0x0971, 0x0DFF, Script::other},    ScriptRange{0x0E01, 0x0E4E, Script::thai},
    ScriptRange{0x0E80, 0x10FF, Script::other},    ScriptRange{0x1100, 0x11FF, Script::hangul},
    ScriptRange{0x1200, 0x1CFF, Script::other},    ScriptRange{0x1E00, 0x1EFF, Script::latin},
    ScriptRange{0x1F00, 0x1FFF, Script::greek},    ScriptRange{0x3005, 0x3007, Script::han},
    ScriptRange{0x3041, 0x309F, Script::kana},     ScriptRange{0x30A1, 0x30FF, Script::kana},
    ScriptRange{0x3130, 0x318F, Script::hangul},   ScriptRange{0x3400, 0x4DBF, Script::han},
    ScriptRange{0x4E00, 0x9FFF, Script::han},      ScriptRange{0xAC00, 0xD7A3, Script::hangul},
    ScriptRange{0xF900, 0xFAFF, Script::han},      ScriptRange{0xFB50, 0xFDFF, Script::arabic},
    ScriptRange{0xFE70, 0xFEFC, Script::arabic},   ScriptRange{0xFF21, 0xFF3A, Script::latin},
    ScriptRange{0xFF41, 0xFF5A, Script::latin},    ScriptRange{0xFF66, 0xFF9F, Script::kana},
    ScriptRange{0x20000, 0x323AF, Script::han},
};

}  // namespace

char32_t next_character(std::string_view text, size_t& at) {
  const auto first = static_cast<unsigned char>(text[at++]);
  if (first < 0x80) return first;
  const size_t more = first >= 0xF0 && first <= 0xF4  ? 3
                      : first >= 0xE0 && first < 0xF0 ? 2
                      : first >= 0xC2 && first < 0xE0 ? 1
                                                      : 0;
  if (more == 0 || at + more > text.size()) return kBroken;
  char32_t out = first & (0x3FU >> more);
  for (size_t i = 0; i < more; ++i) {
    if (!is_continuation(text[at + i])) return kBroken;
    out = out << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
  }
  constexpr std::array<char32_t, 4> kSmallest{0, 0x80, 0x800, 0x10000};
  if (out < kSmallest[more] || out > 0x10FFFF || (out >= 0xD800 && out <= 0xDFFF)) return kBroken;
  at += more;
  return out;
}

uint32_t count_characters(std::string_view text) {
  uint32_t out = 0;
  for (size_t at = 0; at < text.size(); ++out) next_character(text, at);
  return out;
}

void append_character(std::string& text, char32_t character) {
  const auto byte = [&](char32_t value) { text.push_back(static_cast<char>(static_cast<unsigned char>(value))); };
  if (character < 0x80) return byte(character);
  if (character < 0x800) {
    byte(0xC0 | character >> 6);
  } else {
    if (character < 0x10000) {
      byte(0xE0 | character >> 12);
    } else {
      byte(0xF0 | character >> 18);
      byte(0x80 | (character >> 12 & 0x3F));
    }
    byte(0x80 | (character >> 6 & 0x3F));
  }
  byte(0x80 | (character & 0x3F));
}

Script script_of(char32_t character) {
  if (character < 0x80) {
    const char32_t letter = character | 0x20;
    return letter >= 'a' && letter <= 'z' ? Script::latin : Script::none;
  }
  const auto* after = std::upper_bound(kRanges.begin(), kRanges.end(), character,
                                       [](char32_t value, const ScriptRange& range) { return value < range.from; });
  if (after == kRanges.begin()) return Script::none;
  const ScriptRange& range = *(after - 1);
  return character <= range.to ? range.script : Script::none;
}

bool is_digit(char32_t character) {
  return (character >= '0' && character <= '9') || (character >= 0xFF10 && character <= 0xFF19);
}

bool is_combining_mark(char32_t character) {
  return (character >= 0x0300 && character <= 0x036F) || (character >= 0x064B && character <= 0x065F);
}

char32_t lower(char32_t c) {
  if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + 0x20 : c;
  if (c >= 0xC0 && c <= 0xDE && c != 0xD7) return c + 0x20;
  if (c == 0x130) return 'i';
  if (c == 0x178) return 0xFF;
  // Latin Extended-A: pairs of capital and small letter, at even or at odd capitals.
  if ((c >= 0x100 && c <= 0x137) || (c >= 0x14A && c <= 0x177)) return c | 1;
  if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E)) return (c & 1) != 0 ? c + 1 : c;
  if (c >= 0x391 && c <= 0x3A9) return c + 0x20;
  if (c >= 0x410 && c <= 0x42F) return c + 0x20;
  if (c >= 0x400 && c <= 0x40F) return c + 0x50;
  if ((c >= 0x1E00 && c <= 0x1EFF) || (c >= 0x460 && c <= 0x481) || (c >= 0x48A && c <= 0x4BF)) return c | 1;
  if (c >= 0xFF21 && c <= 0xFF3A) return c + 0x20;
  return c;
}

}  // namespace tidewatch
