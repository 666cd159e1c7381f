#pragma once

#include <functional>
#include <optional>
#include <string>

#include "detectors/core/result.h"

namespace tidewatch {

/// What `${env:NAME}` and `${file:PATH}` in a config refer to. Tests give their own.
struct Environment {
  std::function<std::optional<std::string>(const std::string& name)> variable;  ///< nullopt: not set
  /// Content of a file. Errors: `unreadable` with a message that completes "the file ... ".
  std::function<Result<std::string>(const std::string& path)> file;
};

/// The process's variables and files. Relative paths start at the folder of the config file.
Environment process_environment(const std::string& config_file);

/// A whole file, at most `limit` bytes. Errors: `unreadable` with a message that completes "the file ... ".
Result<std::string> read_whole_file(const std::string& path, size_t limit);

}  // namespace tidewatch
