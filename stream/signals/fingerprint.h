#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tidewatch {

/// SimHash of a question (Charikar, STOC 2002) over its words and pairs of words; text without spaces between words
/// (Chinese, Japanese) over characters and pairs of them. Letter case (ASCII), punctuation and white space do not
/// count. Nothing for a text without letters or digits. Says nothing of meaning: a rephrasing in other words is far
/// away.
std::optional<uint64_t> question_fingerprint(std::string_view question);

/// Bits in which two fingerprints differ, 0..64: about 32 for unrelated texts.
inline int fingerprint_distance(uint64_t a, uint64_t b) { return std::popcount(a ^ b); }

}  // namespace tidewatch
