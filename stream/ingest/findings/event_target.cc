#include "stream/ingest/findings/event_target.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/algorithm/hex.hpp>
#include <cctype>
#include <iterator>

namespace tidewatch {
namespace {

constexpr size_t kTraceIdDigits = 32;
constexpr size_t kSpanIdDigits = 16;
constexpr size_t kUuidLength = 36;

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isxdigit(c) != 0; });
}

/// Raw bytes of `digits` hex digits that are not all zero; empty when `text` is not that.
std::string unhex(std::string_view text, size_t digits) {
  std::string out;
  if (text.size() != digits || !is_hex(text)) return out;
  boost::algorithm::unhex(text.begin(), text.end(), std::back_inserter(out));
  if (std::all_of(out.begin(), out.end(), [](char c) { return c == 0; })) out.clear();
  return out;
}

std::string hex(std::string_view raw) {
  std::string out;
  boost::algorithm::hex_lower(raw.begin(), raw.end(), std::back_inserter(out));
  return out;
}

bool is_uuid(std::string_view text) {
  if (text.size() != kUuidLength) return false;
  return text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-';
}

}  // namespace

std::string EventTarget::key() const {
  switch (kind) {
    case Kind::trace:
      return hex(id);
    case Kind::session:
      return "session:" + id;
    case Kind::span:
      return "span:" + hex(id);
  }
  return {};
}

Result<std::string> parse_trace_id(std::string_view text) {
  std::string_view digits = text;
  if (digits.starts_with("trace:/")) digits.remove_prefix(digits.rfind('/') + 1);
  if (digits.starts_with("tr-")) digits.remove_prefix(3);
  std::string without_dashes(digits);
  if (is_uuid(digits)) std::erase(without_dashes, '-');
  if (auto raw = unhex(without_dashes, kTraceIdDigits); !raw.empty()) return raw;
  return Error{"bad_trace_id",
               fmt::format("the trace id \"{}\" must be 32 hex digits or a UUID, not all zero: the id its spans have",
                           text.substr(0, 64))};
}

Result<std::string> parse_span_id(std::string_view text) {
  if (auto raw = unhex(text, kSpanIdDigits); !raw.empty()) return raw;
  return Error{"bad_span_id",
               fmt::format("the span id \"{}\" must be 16 hex digits, not all zero", text.substr(0, 64))};
}

}  // namespace tidewatch
