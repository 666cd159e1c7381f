#pragma once

#include <string>
#include <string_view>

namespace tidewatch {

/// How keys of the stage's state begin.
inline constexpr std::string_view kAlertKey = "alert/";
inline constexpr std::string_view kSilenceKey = "silence/";
inline constexpr std::string_view kExpectedKey = "expected/";
inline constexpr std::string_view kCommandKey = "command/";

inline std::string key_of(std::string_view kind, std::string_view id) { return std::string(kind).append(id); }

}  // namespace tidewatch
