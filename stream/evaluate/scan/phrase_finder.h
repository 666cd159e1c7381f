#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tidewatch {

/// A text as phrases are looked for in it: white space is one space, typographic apostrophes and quotation marks are
/// plain ones, and letters are lower case unless `keeps_case`.
std::string folded(std::string_view text, bool keeps_case = false);

/// Whether `phrase` stands in `text`, both folded alike. A letter or digit at an end of the phrase must be the end of a
/// word of the text, so that "price" is not found in "priceless"; scripts without spaces (Chinese, Japanese, Thai) have
/// no such ends. An empty phrase stands nowhere.
bool contains_phrase(std::string_view text, std::string_view phrase);

}  // namespace tidewatch
