#include "stream/signals/phrases.h"

#include <fmt/format.h>
#include <re2/re2.h>
#include <re2/set.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>

#include "schemas/embedded.h"

namespace tidewatch {
namespace {

constexpr std::array<std::string_view, 17> kKeys{"greetings",   "phrases",   "openings",  "disclaimers", "limits",
                                                 "answers",     "unless",    "offers",    "cautions",    "stances",
                                                 "verdicts",    "appeals",   "redirects", "questions",   "arguments",
                                                 "corrections", "beginnings"};
static_assert(kKeys.size() == static_cast<size_t>(PhraseKind::beginnings) + 1);

RE2::Options options() {
  RE2::Options out;
  out.set_case_sensitive(false);
  out.set_log_errors(false);
  out.set_max_mem(int64_t{64} << 20);
  return out;
}

struct PatternSet {
  RE2::Set set{options(), RE2::UNANCHORED};
  int size = 0;
  bool matches(const std::string& text) const { return size > 0 && set.Match(text, nullptr); }
};

/// RE2 knows word boundaries of ASCII only: beside any other letter `\\b` never matches what its author meant.
bool has_boundary_beside_other_letter(std::string_view pattern) {
  const auto is_other = [&](size_t at) {
    return at < pattern.size() && static_cast<unsigned char>(pattern[at]) >= 0x80;
  };
  for (size_t at = pattern.find("\\b"); at != std::string_view::npos; at = pattern.find("\\b", at + 2))
    if ((at > 0 && is_other(at - 1)) || is_other(at + 2)) return true;
  return false;
}

/// Where something stands: "safety:3:7".
std::string place(std::string_view name, const YAML::Mark& mark) {
  return mark.is_null() ? std::string(name) : fmt::format("{}:{}:{}", name, mark.line + 1, mark.column + 1);
}

/// `key`: of the list, one of kKeys, or empty.
Error bad(std::string_view name, const YAML::Node& at, std::string_view key, std::string_view what) {
  return Error{"bad_phrases", fmt::format("{}: {}{}{}", place(name, at.Mark()), key, key.empty() ? "" : ": ", what)};
}

Status add_all(const YAML::Node& list, std::string_view name, std::string_view key, PatternSet& into) {
  if (list.IsNull()) return ok_status();
  if (!list.IsSequence()) return bad(name, list, key, "must be a list of regular expressions");
  for (const auto& item : list) {
    if (!item.IsScalar()) return bad(name, item, key, "a regular expression must be a text");
    std::string error;
    if (has_boundary_beside_other_letter(item.Scalar()))
      return bad(name, item, key, "\\b beside a letter that is not ASCII never matches; use [^\\pL] or leave it out");
    if (into.set.Add(item.Scalar(), &error) < 0) {
      // The error ends with the piece that RE2 stumbled over; the piece stays out.
      return bad(name, item, key, fmt::format("is no RE2 expression: {}", error.substr(0, error.find(':'))));
    }
    ++into.size;
  }
  return ok_status();
}

bool is_of_lectures(PhraseKind kind) {
  constexpr std::array kOfLectures{PhraseKind::cautions, PhraseKind::stances, PhraseKind::limits,
                                   PhraseKind::verdicts, PhraseKind::appeals, PhraseKind::redirects};
  return std::find(kOfLectures.begin(), kOfLectures.end(), kind) != kOfLectures.end();
}

std::string list_of_keys() {
  std::string out;
  for (size_t i = 0; i < kKeys.size(); ++i)
    out += fmt::format("{}{}", i == 0 ? "" : i + 1 == kKeys.size() ? " or " : ", ", kKeys[i]);
  return out;
}

}  // namespace

struct Phrases::Sets {
  std::array<PatternSet, kKeys.size()> all;
  PatternSet lecturing;  ///< all that is_of_lectures

  Status add(const YAML::Node& table, std::string_view name) {
    if (table.IsNull()) return ok_status();
    if (!table.IsMap()) return bad(name, table, "", "a table of phrases is a map of languages");
    for (const auto& language : table) {
      if (!language.first.IsScalar()) return bad(name, language.first, "", "a language must be a name");
      if (!language.second.IsMap()) return bad(name, language.second, "", "a language is a map of lists");
      for (const auto& part : language.second)
        if (auto ok = add_part(part.first, part.second, name); !ok) return ok;
    }
    return ok_status();
  }

  Status add_part(const YAML::Node& key, const YAML::Node& list, std::string_view name) {
    const auto* const known = key.IsScalar() ? std::find(kKeys.begin(), kKeys.end(), key.Scalar()) : kKeys.end();
    if (known == kKeys.end()) return bad(name, key, "", fmt::format("unknown key; use {}", list_of_keys()));
    const auto kind = static_cast<PhraseKind>(known - kKeys.begin());
    if (is_of_lectures(kind))
      if (auto ok = add_all(list, name, *known, lecturing); !ok) return ok;
    return add_all(list, name, *known, all[static_cast<size_t>(kind)]);
  }
};

Phrases::Phrases() : sets_(std::make_unique<Sets>()) {}
Phrases::Phrases(Phrases&&) noexcept = default;
Phrases& Phrases::operator=(Phrases&&) noexcept = default;
Phrases::~Phrases() = default;

Result<Phrases> Phrases::parse(std::string_view yaml, std::string_view name) try {
  Phrases out;
  if (auto ok = out.sets_->add(YAML::Load(std::string(yaml)), name); !ok) return ok.error();
  for (size_t i = 0; i < kKeys.size(); ++i)
    if (!out.sets_->all[i].set.Compile())
      return Error{"bad_phrases", fmt::format("{}: the expressions of {} need too much memory", name, kKeys[i])};
  if (!out.sets_->lecturing.set.Compile())
    return Error{"bad_phrases", fmt::format("{}: what lectures needs too much memory", name)};
  return out;
} catch (const YAML::Exception& error) {
  return Error{"bad_phrases", fmt::format("{}: not YAML: {}", place(name, error.mark), error.msg)};
}

Phrases Phrases::embedded(std::string_view name) {
  const auto files = embedded_phrases();
  const auto file = std::find_if(files.begin(), files.end(), [&](const EmbeddedFile& candidate) {
    return candidate.first == fmt::format("{}.yaml", name);
  });
  TW_CHECK(file != files.end(), fmt::format("no table of phrases \"{}\"", name));
  return parse(file->second, name).value();
}

bool Phrases::matches(PhraseKind kind, const std::string& sentence) const {
  return sets_->all[static_cast<size_t>(kind)].matches(sentence);
}

bool Phrases::may_lecture(const std::string& sentence) const { return sets_->lecturing.matches(sentence); }

bool Phrases::says(const std::string& sentence) const {
  return matches(PhraseKind::phrases, sentence) && !matches(PhraseKind::unless, sentence);
}

bool Phrases::opens(const std::string& sentence) const {
  return matches(PhraseKind::openings, sentence) && !matches(PhraseKind::unless, sentence) &&
         (!matches(PhraseKind::corrections, sentence) || matches(PhraseKind::verdicts, sentence));
}

bool Phrases::disclaims(const std::string& sentence) const {
  return matches(PhraseKind::disclaimers, sentence) && !matches(PhraseKind::unless, sentence);
}

}  // namespace tidewatch
