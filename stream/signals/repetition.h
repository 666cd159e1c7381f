#pragma once

#include <string_view>

namespace tidewatch {

/// Whether a text is caught in a loop, as models are that decode without a penalty: the same run of words (characters
/// in Chinese and Japanese) four times and more in a row, at least 20 words long together, that reaches the end of the
/// text or makes up 30 % of it; or sentences said again that make up half of the text. Fenced code, rows of tables and
/// runs without letters do not count. A list, a table or a refrain, whose lines differ, is no loop. A loop that the
/// user asked for ("write it 100 times") is one.
bool is_repetitive(std::string_view text);

}  // namespace tidewatch
