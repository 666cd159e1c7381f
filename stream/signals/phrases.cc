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

Status add_all(const YAML::Node& list, std::string_view where, PatternSet& into) {
  if (!list) return ok_status();
  if (!list.IsSequence()) return Error{"bad_phrases", fmt::format("{}: must be a list of regular expressions", where)};
  for (const auto& item : list) {
    std::string error;
    const auto pattern = item.as<std::string>();
    if (has_boundary_beside_other_letter(pattern))
      return Error{"bad_phrases", fmt::format("{}: \"{}\": \\b beside a letter that is not ASCII never matches; use "
                                              "[^\\pL] or leave it out",
                                              where, pattern)};
    if (into.set.Add(pattern, &error) < 0)
      return Error{"bad_phrases", fmt::format("{}: \"{}\" is no RE2 expression: {}", where, pattern, error)};
    ++into.size;
  }
  return ok_status();
}

}  // namespace

struct Phrases::Sets {
  PatternSet phrases;
  PatternSet openings;
  PatternSet unless;
  PatternSet offers;
  PatternSet verdicts;
  PatternSet redirects;
  PatternSet questions;
  PatternSet disclaimers;
  PatternSet answers;

  struct Named {
    std::string_view key;
    PatternSet* set;
  };
  std::array<Named, 9> all() {
    return {{{"phrases", &phrases},
             {"openings", &openings},
             {"unless", &unless},
             {"offers", &offers},
             {"verdicts", &verdicts},
             {"redirects", &redirects},
             {"questions", &questions},
             {"disclaimers", &disclaimers},
             {"answers", &answers}}};
  }
};

Phrases::Phrases() : sets_(std::make_unique<Sets>()) {}
Phrases::Phrases(Phrases&&) noexcept = default;
Phrases& Phrases::operator=(Phrases&&) noexcept = default;
Phrases::~Phrases() = default;

Result<Phrases> Phrases::parse(std::string_view yaml, std::string_view name) try {
  Phrases out;
  for (const auto& language : YAML::Load(std::string(yaml))) {
    const auto code = language.first.as<std::string>();
    for (const auto& part : language.second) {
      const auto key = part.first.as<std::string>();
      const auto where = fmt::format("{}.{}.{}", name, code, key);
      const auto known = out.sets_->all();
      const auto into = std::find_if(known.begin(), known.end(), [&](const auto& named) { return named.key == key; });
      if (into == known.end())
        return Error{"bad_phrases", fmt::format("{}: unknown key; use phrases, openings, disclaimers, answers, "
                                                "verdicts, redirects, questions, unless or offers",
                                                where)};
      if (auto ok = add_all(part.second, where, *into->set); !ok) return ok.error();
    }
  }
  for (const auto& named : out.sets_->all())
    if (!named.set->set.Compile())
      return Error{"bad_phrases", fmt::format("{}.{}: the expressions need too much memory", name, named.key)};
  return out;
} catch (const YAML::Exception& error) {
  return Error{"bad_phrases", fmt::format("{}: {}", name, error.what())};
}

Phrases Phrases::embedded(std::string_view name) {
  const auto files = embedded_phrases();
  const auto file = std::find_if(files.begin(), files.end(), [&](const EmbeddedFile& candidate) {
    return candidate.first == fmt::format("{}.yaml", name);
  });
  TW_CHECK(file != files.end(), fmt::format("no table of phrases \"{}\"", name));
  return parse(file->second, name).value();
}

bool Phrases::says(const std::string& sentence) const {
  return sets_->phrases.matches(sentence) && !sets_->unless.matches(sentence);
}

bool Phrases::opens(const std::string& sentence) const {
  return sets_->openings.matches(sentence) && !sets_->unless.matches(sentence);
}

bool Phrases::disclaims(const std::string& sentence) const {
  return sets_->disclaimers.matches(sentence) && !sets_->unless.matches(sentence);
}

bool Phrases::answers(const std::string& sentence) const { return sets_->answers.matches(sentence); }
bool Phrases::judges(const std::string& sentence) const { return sets_->verdicts.matches(sentence); }
bool Phrases::redirects(const std::string& sentence) const { return sets_->redirects.matches(sentence); }
bool Phrases::offers(const std::string& sentence) const { return sets_->offers.matches(sentence); }
bool Phrases::asks_for_verdict(const std::string& question) const { return sets_->questions.matches(question); }

}  // namespace tidewatch
