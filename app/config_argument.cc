#include "app/config_argument.h"

#include "app/config_errors.h"
#include "app/logging.h"

namespace tidewatch {

std::optional<Config> config_or_report(const std::string& path) {
  if (path.empty()) return default_config();
  LoadedConfig loaded = load_config_file(path);
  if (loaded.ok()) return std::move(loaded.config);
  report(loaded.errors);
  return std::nullopt;
}

std::optional<Config> config_with_brokers(const std::string& path, Exit& failed) {
  auto config = config_or_report(path);
  if (!config) {
    failed = Exit::bad_config;
    return std::nullopt;
  }
  set_up_logging({.level = LogLevel::error, .format = config->log.format});
  if (const auto status = require_brokers(*config); !status) {
    failed = fail_with(status.error());
    return std::nullopt;
  }
  return config;
}

Status require_brokers(const Config& config) {
  if (!config.kafka.brokers.empty()) return ok_status();
  return Error{"bad_config", "kafka.brokers: no broker is named; write for example kafka: {brokers: [localhost:9092]}"};
}

}  // namespace tidewatch
