#pragma once

#include <optional>
#include <string>

#include "app/config/config.h"
#include "app/exit_code.h"
#include "detectors/core/result.h"

namespace tidewatch {

/// The config of a command: of the file, or the defaults when `path` is empty. Nothing when it is not valid: every
/// error was printed, and the command ends with Exit::bad_config.
std::optional<Config> config_or_report(const std::string& path);

/// The config of a command that asks brokers and prints an answer: little is logged, as what librdkafka
/// has to say of connections that fail is in the answer already. Nothing: what is wrong was
/// reported, and the command ends with `failed`.
std::optional<Config> config_with_brokers(const std::string& path, Exit& failed);

/// Error: `bad_config` when the config names no broker; of commands that need one.
Status require_brokers(const Config& config);

}  // namespace tidewatch
