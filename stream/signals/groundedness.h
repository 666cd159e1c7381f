#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stream/signals/language.h"

namespace tidewatch {

/// Share of an answer's content words that occur in the documents, 0..1: function words are left out, numbers and
/// capitalised words within a sentence count double (they are what is invented most harmfully). Words are compared by
/// their beginning, so that inflected forms meet; numbers whole; Chinese, Japanese and Thai by pairs of characters.
/// Nothing without documents or without content words. Tells words that came from nowhere, not statements that twist
/// what the documents say.
std::optional<double> groundedness(std::string_view answer, const std::vector<std::string>& documents,
                                   const Languages& languages);

}  // namespace tidewatch
