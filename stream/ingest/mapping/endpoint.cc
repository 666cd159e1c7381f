#include "stream/ingest/mapping/endpoint.h"

#include <algorithm>
#include <cctype>

namespace tidewatch {
namespace {

bool is_separator(char c) { return c == '/' || c == '.' || c == ' ' || c == ':' || c == '[' || c == ']'; }

/// What no route of a program is called: a number, a UUID, a hash, a random token.
bool is_id(std::string_view part) {
  const auto count = [&](auto&& is) { return static_cast<size_t>(std::count_if(part.begin(), part.end(), is)); };
  const size_t digits = count([](unsigned char c) { return std::isdigit(c) != 0; });
  const size_t hex = count([](unsigned char c) { return std::isxdigit(c) != 0; });
  const size_t dashes = count([](char c) { return c == '-' || c == '_'; });
  if (digits == 0) return false;
  if (digits == part.size()) return true;
  constexpr size_t kHash = 16;  // hexadecimal throughout
  if (part.size() >= kHash && hex + dashes == part.size()) return true;
  constexpr size_t kToken = 20;  // letters and many digits, no words
  constexpr size_t kDigits = 4;
  return part.size() >= kToken && digits >= kDigits && dashes <= 1;
}

}  // namespace

std::string endpoint_template(std::string_view path) {
  if (const size_t scheme = path.find("://"); scheme != std::string_view::npos && scheme < path.find('/')) {
    const size_t host_end = path.find('/', scheme + 3);
    path = host_end == std::string_view::npos ? "/" : path.substr(host_end);
  }
  path = path.substr(0, path.find_first_of("?#"));
  std::string out;
  out.reserve(path.size());
  for (size_t i = 0; i < path.size();) {
    if (is_separator(path[i])) {
      out.push_back(path[i++]);
      continue;
    }
    size_t end = i;
    while (end < path.size() && !is_separator(path[end])) ++end;
    const auto part = path.substr(i, end - i);
    // "v1" and "2.0" are names of versions, "17" and "6f8d2449-33ed-..." are not names.
    if (is_id(part))
      out += "{id}";
    else
      out += part;
    i = end;
  }
  return out;
}

}  // namespace tidewatch
