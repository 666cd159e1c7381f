#pragma once

#include <string>
#include <string_view>

#include "detectors/core/result.h"
#include "stream/evaluate/judge/rubric.h"

namespace tidewatch {

/// What a model said of an answer.
struct Ruling {
  int level = 0;       ///< a score of the rubric; of yes or no 1 or 0; of two answers the better one, 1 or 2, or 0
  std::string reason;  ///< masked: models quote what they judge
};

/// Reads the JSON that was asked for, also out of a Markdown fence or of words around it. Errors: `unreadable` with a
/// message that completes "this cannot be used: " and quotes nothing.
Result<Ruling> read_ruling(const Rubric& rubric, std::string_view said);
Result<Ruling> read_comparison(std::string_view said);

}  // namespace tidewatch
