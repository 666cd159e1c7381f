#include "app/gen/trace/rewording.h"

#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>

#include <vector>

namespace tidewatch::gen {
namespace {

/// As typed in haste: one or two words are left out, two change places, and the sentence does not end.
std::string edited(const std::string& question, Random& random) {
  std::vector<std::string> words = absl::StrSplit(question, ' ');
  const size_t left_out = words.size() > 7 ? 2 : 1;
  for (size_t i = 0; i < left_out && words.size() > 3; ++i)
    words.erase(words.begin() + static_cast<std::ptrdiff_t>(random.below(words.size())));
  if (words.size() > 1 && random.chance(0.5)) {
    const size_t at = random.below(words.size() - 1);
    std::swap(words[at], words[at + 1]);
  }
  std::string out = absl::StrJoin(words, " ");
  while (!out.empty() && (out.back() == '?' || out.back() == '.' || out.back() == ' ')) out.pop_back();
  return out;
}

}  // namespace

std::string_view name_of(Rewording rewording) {
  switch (rewording) {
    case Rewording::none:
      return "none";
    case Rewording::verbatim:
      return "verbatim";
    case Rewording::insisting:
      return "insisting";
    case Rewording::edited:
      return "edited";
    case Rewording::other_words:
      return "other_words";
  }
  return "none";
}

Rewording draw_rewording(Random& random) { return static_cast<Rewording>(1 + random.below(4)); }

std::string reworded(const std::string& question, Rewording rewording, std::span<const std::string_view> insists,
                     uint64_t wording) {
  Random random(wording);
  switch (rewording) {
    case Rewording::insisting: {
      std::string out(insists[random.below(insists.size())]);
      return out.replace(out.find("{q}"), 3, question);
    }
    case Rewording::edited:
      return edited(question, random);
    case Rewording::none:
    case Rewording::verbatim:
    case Rewording::other_words:
      break;
  }
  return question;
}

}  // namespace tidewatch::gen
