#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tidewatch {

/// Whether the brackets of code are closed in order and its texts and comments end. No parser: code that is balanced
/// may still be no program. Known are `python`, `c` (and what is written alike: C++, Java, C#, Go, Kotlin, Swift,
/// Scala, Dart, PHP), `javascript` (TypeScript), `rust` and `sql`, by the names and short names that Markdown fences
/// use.
bool is_balance_known(std::string_view language);

/// What is unbalanced, with its line: "line 3: `(` is never closed"; empty: nothing. pre: is_balance_known(language)
std::string imbalance_of(std::string_view code, std::string_view language);

}  // namespace tidewatch
