#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tidewatch {

/// The sentences of a document, or of an answer taken as claims: unlike own_sentences(), with what is quoted (a title
/// in quotation marks is part of what is claimed). Fenced code, tables, addresses and the numbers of a
/// list are left out. A full stop after a
/// single letter or a usual abbreviation ("J. K. Rowling", "St. Louis") does not end a sentence; one that a capital
/// letter follows without a space ("in 1994.The band") does. `max_bytes` of the text are looked at.
std::vector<std::string> whole_sentences(std::string_view text, size_t max_bytes);

/// Those that claim something: without questions.
std::vector<std::string> claims_of(std::string_view answer, size_t max_bytes = 8192);

}  // namespace tidewatch
