#include "stream/evaluate/scan/code_blocks.h"

#include <algorithm>

namespace tidewatch {
namespace {

constexpr size_t kNone = std::string_view::npos;

/// The fence that a line opens or closes.
struct Fence {
  char mark = 0;  ///< 0: the line is no fence
  size_t length = 0;
  std::string_view info;
};

Fence fence_of(std::string_view line) {
  const size_t begin = line.find_first_not_of(" \t");
  if (begin == kNone || (line[begin] != '`' && line[begin] != '~')) return {};
  const size_t end = std::min(line.find_first_not_of(line[begin], begin), line.size());
  std::string_view info = line.substr(end);
  if (end - begin < 3 || (line[begin] == '`' && info.find('`') != kNone)) return {};
  while (!info.empty() && (info.front() == ' ' || info.front() == '\t')) info.remove_prefix(1);
  while (!info.empty() && (info.back() == ' ' || info.back() == '\r' || info.back() == '\t')) info.remove_suffix(1);
  return {line[begin], end - begin, info};
}

std::string language_of(std::string_view info) {
  std::string out(info.substr(0, std::min(info.find_first_of(" \t{,:"), info.size())));
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

}  // namespace

std::vector<CodeBlock> code_blocks(std::string_view text) {
  std::vector<CodeBlock> out;
  Fence open;
  size_t code_begin = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const Fence fence = fence_of(text.substr(at, end - at));
    const size_t next = std::min(end + 1, text.size());
    if (fence.mark != 0 && open.mark == 0) {
      open = fence;
      code_begin = next;
    } else if (open.mark != 0 && fence.mark == open.mark && fence.length >= open.length && fence.info.empty()) {
      out.push_back({language_of(open.info), text.substr(code_begin, at - code_begin), true});
      open = {};
    }
    at = next;
  }
  if (open.mark != 0) out.push_back({language_of(open.info), text.substr(code_begin), false});
  return out;
}

std::string without_code(std::string_view text) {
  std::string out(text);
  const auto blank = [&](size_t begin, size_t size) {
    for (size_t i = begin; i < begin + size; ++i)
      if (out[i] != '\n') out[i] = ' ';
  };
  for (const CodeBlock& block : code_blocks(text))
    blank(static_cast<size_t>(block.code.data() - text.data()), block.code.size());
  for (size_t at = out.find('`'); at != kNone; at = out.find('`', at)) {
    const size_t code = std::min(out.find_first_not_of('`', at), out.size());
    const size_t close = out.find(out.substr(at, code - at), code);
    if (close == kNone || code - at > 2 || out.substr(at, close - at).find("\n\n") != kNone) {
      at = code;
      continue;
    }
    blank(at, close + (code - at) - at);
    at = close;
  }
  return out;
}

}  // namespace tidewatch
