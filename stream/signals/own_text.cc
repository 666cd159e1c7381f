#include "stream/signals/own_text.h"

namespace tidewatch {
namespace {

std::string_view without_indent(std::string_view line) {
  const size_t begin = line.find_first_not_of(" \t");
  return begin == std::string_view::npos ? std::string_view() : line.substr(begin);
}

void append_without_addresses(std::string& out, std::string_view line) {
  for (size_t at = line.find("://"); at != std::string_view::npos; at = line.find("://")) {
    const size_t before = line.find_last_of(" \t(<[", at);
    out.append(line.substr(0, before == std::string_view::npos ? 0 : before + 1));
    const size_t end = line.find_first_of(" \t)>]", at);
    line = end == std::string_view::npos ? std::string_view() : line.substr(end);
  }
  out.append(line);
}

}  // namespace

std::string without_code_and_tables(std::string_view text, size_t max_bytes) {
  text = text.substr(0, max_bytes);
  std::string out;
  out.reserve(text.size());
  bool is_code = false;
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find('\n', at);
    const std::string_view line = text.substr(at, end == std::string_view::npos ? end : end - at);
    at = end == std::string_view::npos ? text.size() : end + 1;
    const std::string_view content = without_indent(line);
    if (content.starts_with("```") || content.starts_with("~~~"))
      is_code = !is_code;
    else if (!is_code && !content.starts_with('|'))
      append_without_addresses(out, line);
    out.push_back('\n');
  }
  return out;
}

}  // namespace tidewatch
