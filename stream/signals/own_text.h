#pragma once

#include <string>
#include <string_view>

namespace tidewatch {

/// The running text of an answer: without fenced code, rows of tables (lines that begin with `|`) and addresses
/// (http://…). `max_bytes` of the text are looked at.
std::string without_code_and_tables(std::string_view text, size_t max_bytes = 8192);

}  // namespace tidewatch
