#pragma once

#include <string_view>

namespace tidewatch {

/// Ends the process with a message: the program is wrong, not its input. Input errors are `Result`s.
[[noreturn]] void check_failed(const char* file, int line, const char* condition, std::string_view message);

}  // namespace tidewatch

/// States what must be true. Stays on in release builds: a wrong number is worse than a restart.
#define TW_CHECK(condition, message)                                        \
  do {                                                                      \
    if (!(condition)) [[unlikely]]                                          \
      ::tidewatch::check_failed(__FILE__, __LINE__, #condition, (message)); \
  } while (false)
