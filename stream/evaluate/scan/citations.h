#pragma once

#include <string_view>
#include <vector>

namespace tidewatch {

/// A reference of an answer to a source.
struct Citation {
  enum class Kind : unsigned char {
    number,   ///< [1], [^1], 【1†source】: `value` is the number
    name,     ///< [doc-7], [handbook.pdf]: what stands in the brackets
    address,  ///< [text](https://…), <https://…>, a plain one: the address
    source,   ///< "Source: …" at the beginning of a line: what follows
  };
  Kind kind = Kind::number;
  std::string_view value;
  std::string_view title;  ///< of a Markdown link: its text; empty otherwise
};

/// Citations in order, of a list such as [1, 3] each, of a range such as [2-4] both ends. Code, check boxes ([x]),
/// images and links within the page (#part) are none. In brackets without an address, only what looks like an
/// identifier is a name: no spaces, with a digit, `.`, `/`, `_`, `-` or `:` in it.
std::vector<Citation> citations_of(std::string_view answer);

}  // namespace tidewatch
