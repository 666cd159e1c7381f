#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "detectors/core/result.h"

namespace tidewatch {

/// The lists of a table of phrases: what each means is said in schemas/phrases/refusal.yaml. In the order of their keys
/// in `Phrases::parse`.
enum class PhraseKind : uint8_t {
  greetings,
  phrases,
  openings,
  disclaimers,
  limits,
  answers,
  unless,
  offers,
  cautions,
  stances,
  verdicts,
  appeals,
  redirects,
  questions,
  arguments,
  corrections,
  beginnings,
};

/// A table of phrases (schemas/phrases): what a sentence says, in any of its languages. Languages need not be known:
/// all are tried at once. Safe to share between threads.
class Phrases {
 public:
  /// Errors: `bad_phrases`, `name:line:column: ` and what is wrong there in the YAML or in a regular expression. Never
  /// the text of the table, which may be a secret.
  static Result<Phrases> parse(std::string_view yaml, std::string_view name);
  /// A table of the binary ("refusal", "hedging").
  static Phrases embedded(std::string_view name);

  /// Whether a list matches; exceptions are not looked at.
  bool matches(PhraseKind kind, const std::string& sentence) const;
  /// Whether any of cautions, stances, limits, verdicts, appeals and redirects matches: one pass, where ordinary
  /// sentences need no other.
  bool may_lecture(const std::string& sentence) const;
  bool says(const std::string& sentence) const;       ///< a phrase matches and no exception does
  bool opens(const std::string& sentence) const;      ///< says it where the answer should begin; mends no premise
  bool disclaims(const std::string& sentence) const;  ///< says it there, unless it answers all the same

  Phrases(Phrases&&) noexcept;
  Phrases& operator=(Phrases&&) noexcept;
  ~Phrases();

 private:
  struct Sets;
  Phrases();
  std::unique_ptr<Sets> sets_;
};

}  // namespace tidewatch
