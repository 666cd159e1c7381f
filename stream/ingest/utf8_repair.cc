#include "stream/ingest/utf8_repair.h"

#include <simdjson.h>

#include <algorithm>

namespace tidewatch {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// Bytes of the sequence that begins at `at`; 0 when none does.
size_t sequence_at(std::string_view text, size_t at) {
  constexpr size_t kLongest = 4;
  const size_t most = std::min(kLongest, text.size() - at);
  for (size_t size = 1; size <= most; ++size)
    if (simdjson::validate_utf8(text.data() + at, size)) return size;
  return 0;
}

}  // namespace

std::string repaired_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const size_t size = sequence_at(text, at);
    out += size == 0 ? kReplacement : text.substr(at, size);
    at += std::max<size_t>(size, 1);
  }
  return out;
}

std::string_view Utf8Repair::operator()(std::string_view text) {
  if (simdjson::validate_utf8(text.data(), text.size())) return text;
  return kept_.emplace_back(repaired_utf8(text));
}

}  // namespace tidewatch
