#include "app/config_errors.h"

#include <fmt/format.h>

#include <cstdio>

namespace tidewatch {

Exit report(const std::vector<ConfigError>& errors) {
  for (const auto& error : errors) fmt::print(stderr, "{}\n", to_string(error));
  return Exit::bad_config;
}

}  // namespace tidewatch
