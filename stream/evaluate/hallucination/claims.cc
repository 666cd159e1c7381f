#include "stream/evaluate/hallucination/claims.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "stream/signals/own_text.h"
#include "stream/signals/sentences.h"

namespace tidewatch {
namespace {

constexpr std::array<std::string_view, 7> kQuotationMarks{"\"", "“", "”", "„", "«", "»", "`"};
constexpr std::array<std::string_view, 22> kAbbreviations{"mr",  "mrs", "ms",  "dr",  "st",  "jr",    "sr",  "prof",
                                                          "vs",  "no",  "inc", "ltd", "co",  "corp",  "gen", "col",
                                                          "sgt", "rev", "hon", "ca",  "etc", "approx"};

bool is_lower(char c) { return std::islower(static_cast<unsigned char>(c)) != 0; }
bool is_upper(char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; }
bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

/// Without quotation marks, so that what is quoted stays; a space where sentences stick together.
std::string prepared(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 64);
  for (size_t at = 0; at < text.size();) {
    const auto rest = text.substr(at);
    const auto* const mark = std::find_if(kQuotationMarks.begin(), kQuotationMarks.end(),
                                          [&](std::string_view each) { return rest.starts_with(each); });
    if (mark != kQuotationMarks.end()) {
      at += mark->size();
      continue;
    }
    out.push_back(rest[0]);
    const bool is_stuck = rest.size() > 2 && rest[0] == '.' && is_upper(rest[1]) && is_lower(rest[2]) && at > 0 &&
                          (is_lower(text[at - 1]) || is_digit(text[at - 1]) || text[at - 1] == ')');
    if (is_stuck) out.push_back(' ');
    ++at;
  }
  return out;
}

/// Whether the full stop at the end of a piece belongs to its last word.
bool ends_in_abbreviation(std::string_view piece) {
  if (!piece.ends_with('.')) return false;
  piece.remove_suffix(1);
  const size_t before = piece.find_last_of(" .(");
  std::string last(before == std::string_view::npos ? piece : piece.substr(before + 1));
  if (last.size() == 1) return is_upper(last[0]);
  std::transform(last.begin(), last.end(), last.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::find(kAbbreviations.begin(), kAbbreviations.end(), last) != kAbbreviations.end();
}

}  // namespace

std::vector<std::string> whole_sentences(std::string_view text, size_t max_bytes) {
  const std::string own = prepared(without_code_and_tables(text, max_bytes));
  std::vector<std::string> out;
  bool continues = false;
  for (std::string& piece : own_sentences(own, own.size())) {
    const bool goes_on = ends_in_abbreviation(piece);
    if (continues)
      out.back().append(" ").append(piece);
    else
      out.push_back(std::move(piece));
    continues = goes_on;
  }
  return out;
}

std::vector<std::string> claims_of(std::string_view answer, size_t max_bytes) {
  auto out = whole_sentences(answer, max_bytes);
  std::erase_if(out, [](const std::string& sentence) { return sentence.ends_with('?'); });
  return out;
}

}  // namespace tidewatch
