#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "detectors/core/result.h"

namespace tidewatch {

/// A table of phrases (schemas/phrases): what a sentence says, in any of its languages. Languages need not be known:
/// all are tried at once. Safe to share between threads.
class Phrases {
 public:
  /// Errors: `bad_phrases` with what is wrong in the YAML or in which regular expression.
  static Result<Phrases> parse(std::string_view yaml, std::string_view name);
  /// A table of the binary ("refusal", "hedging").
  static Phrases embedded(std::string_view name);

  bool says(const std::string& sentence) const;              ///< a phrase matches and no exception does
  bool opens(const std::string& sentence) const;             ///< says it where the answer should begin
  bool disclaims(const std::string& sentence) const;         ///< says it there, unless it answers all the same
  bool answers(const std::string& sentence) const;           ///< gives what a disclaimer seemed to withhold
  bool judges(const std::string& sentence) const;            ///< a verdict on what was asked for
  bool redirects(const std::string& sentence) const;         ///< leads to something else than what was asked for
  bool offers(const std::string& sentence) const;            ///< something is answered all the same
  bool asks_for_verdict(const std::string& question) const;  ///< a verdict would be its answer

  Phrases(Phrases&&) noexcept;
  Phrases& operator=(Phrases&&) noexcept;
  ~Phrases();

 private:
  struct Sets;
  Phrases();
  std::unique_ptr<Sets> sets_;
};

}  // namespace tidewatch
