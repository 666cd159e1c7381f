#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tidewatch {

/// A fenced block of Markdown (CommonMark 4.5).
struct CodeBlock {
  std::string language;   ///< first word after the fence, small; empty: none
  std::string_view code;  ///< between the fences
  bool is_closed = false;
};

/// Fenced blocks in order; one that is never closed goes to the end of the text.
std::vector<CodeBlock> code_blocks(std::string_view text);

/// The text with code, fenced and within lines, replaced by as much white space, so that places stay.
std::string without_code(std::string_view text);

}  // namespace tidewatch
