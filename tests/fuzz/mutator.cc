#include "tests/fuzz/mutator.h"

#include <algorithm>
#include <array>

namespace tidewatch::fuzz {
namespace {

/// Bytes with a meaning: ends of ranges, varints that go on, what begins or ends something in JSON, no UTF-8.
constexpr std::string_view kBytes("\x00\x01\x7f\x80\xff\xc0\xed\"\\{}[]:,-+.eE0\n", 22);
constexpr auto kWords = std::to_array<std::string_view>({"0",
                                                         "-1",
                                                         "1e999",
                                                         "-0.0",
                                                         "9223372036854775807",
                                                         "-9223372036854775808",
                                                         "18446744073709551615",
                                                         "1e18",
                                                         "1e-320",
                                                         "null",
                                                         "true",
                                                         "\"\"",
                                                         "{}",
                                                         "[]",
                                                         "\"NaN\"",
                                                         "\"-Infinity\"",
                                                         "\\u0000",
                                                         "\\ud800",
                                                         "\xed\xa0\x80",
                                                         "\xef\xbb\xbf",
                                                         "1677-09-21T00:12:43Z",
                                                         "2262-04-12T00:00:00Z",
                                                         "9999-12-31T23:59:59Z",
                                                         "0001-01-01T00:00:00Z"});
constexpr auto kNests = std::to_array<std::string_view>({"[", "{\"a\":", "\"[", "\\\"{", "\x0b", "\x2a\xff\xff\x03"});
constexpr auto kDepths = std::to_array<size_t>({4, 33, 65, 129, 1025, 20'000});

}  // namespace

std::string_view Mutator::piece_of(std::string_view bytes) {
  const size_t at = place_in(bytes);
  const size_t longest = one_in(4) ? bytes.size() : 32;
  return bytes.substr(at, 1 + below(longest + 1));
}

std::string Mutator::operator()(std::string bytes, std::string_view other) {
  for (uint64_t changes = 1 + below(8); changes > 0; --changes) change(bytes, other);
  return bytes;
}

void Mutator::change(std::string& bytes, std::string_view other) {
  const size_t at = place_in(bytes);
  switch (below(10)) {
    case 0:
      if (!bytes.empty()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
      break;
    case 1:
      if (!bytes.empty()) bytes[at] = kBytes[below(kBytes.size())];
      break;
    case 2:  // lengths of protobuf are small numbers before what they measure
      if (!bytes.empty()) bytes[at] = static_cast<char>(bytes[at] + static_cast<char>(1 + below(4)) - 2);
      break;
    case 3:
      bytes.insert(at, 1 + below(4), static_cast<char>(below(256)));
      break;
    case 4:
      bytes.erase(at, piece_of(bytes).size());
      break;
    case 5:
      bytes.insert(at, std::string(piece_of(bytes)));
      break;
    case 6:
      bytes.replace(at, below(32), piece_of(other));
      break;
    case 7:
      bytes.replace(at, below(24), kWords[below(kWords.size())]);
      break;
    case 8: {
      const auto nest = kNests[below(kNests.size())];
      std::string nested;
      for (size_t depth = kDepths[below(kDepths.size())]; depth > 0; --depth) nested += nest;
      bytes.insert(at, nested);
      break;
    }
    default:
      bytes.resize(at);
  }
}

}  // namespace tidewatch::fuzz
