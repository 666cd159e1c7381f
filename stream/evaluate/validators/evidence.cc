#include "stream/evaluate/validators/evidence.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "stream/evaluate/scan/personal_data.h"
#include "stream/evaluate/scan/secrets.h"
#include "stream/signals/characters.h"

namespace tidewatch {
namespace {

constexpr uint32_t kMostCharacters = 60;

struct Hidden {
  size_t begin;
  size_t end;
  std::string_view name;
};

std::vector<Hidden> to_hide(std::string_view text) {
  static const PersonalDataScan personal;
  static const SecretScan secrets;
  std::vector<Hidden> out;
  for (const auto& secret : secrets.find(text)) out.push_back({secret.begin, secret.begin + secret.size, secret.kind});
  for (const auto& datum : personal.find(text))
    out.push_back({datum.begin, datum.begin + datum.size, name_of(datum.kind)});
  std::stable_sort(out.begin(), out.end(), [](const Hidden& a, const Hidden& b) { return a.begin < b.begin; });
  return out;
}

}  // namespace

std::string masked(std::string_view text) {
  std::string out;
  size_t at = 0;
  for (const Hidden& hidden : to_hide(text)) {
    if (hidden.begin >= at) {
      out.append(text.substr(at, hidden.begin - at));
      out += fmt::format("[{}]", hidden.name);
    }
    at = std::max(at, hidden.end);
  }
  return out.append(text.substr(at));
}

std::string shown(std::string_view text) {
  const std::string safe = masked(text);
  std::string out = "\"";
  uint32_t characters = 0;
  for (size_t at = 0; at < safe.size();) {
    if (++characters > kMostCharacters) {
      out += "…";
      break;
    }
    const char32_t c = next_character(safe, at);
    append_character(out, c < 0x20 || c == 0x7F ? U' ' : c);
  }
  return out + '"';
}

std::string and_more(size_t count) { return count == 0 ? std::string() : fmt::format(" and {} more", count); }

}  // namespace tidewatch
