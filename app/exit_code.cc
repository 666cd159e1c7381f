#include "app/exit_code.h"

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <string_view>
#include <utility>

namespace tidewatch {
namespace {

constexpr auto kExits = std::to_array<std::pair<std::string_view, Exit>>({
    {"usage", Exit::usage},
    {"open_failed", Exit::bad_data},
    {"bad_archive", Exit::bad_data},
    {"truncated", Exit::bad_data},
    {"too_long", Exit::bad_data},
    {"bad_framing", Exit::bad_data},
    {"read_failed", Exit::bad_data},
    {"bad_label", Exit::bad_data},
    {"bad_data", Exit::bad_data},
    {"broker_unavailable", Exit::broker_unavailable},
    {"judge_unavailable", Exit::broker_unavailable},
    {"bad_config", Exit::bad_config},
    {"bad_topics", Exit::bad_config},
    {"no_topic", Exit::bad_config},
    {"not_authorized", Exit::bad_config},
    {"bad_rule", Exit::bad_config},
    {"bad_measure", Exit::bad_config},
    {"bad_time_zone", Exit::bad_config},
    {"bad_phrases", Exit::bad_config},
    {"port_in_use", Exit::bad_config},
});

}  // namespace

Exit fail_with(const Error& error) {
  fmt::print(stderr, "tidewatch: {}\n", error.message);
  for (const auto& [code, exit] : kExits)
    if (code == error.code) return exit;
  return Exit::internal;
}

}  // namespace tidewatch
