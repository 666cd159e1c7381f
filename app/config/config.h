#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "app/config/environment.h"
#include "stream/alert/options.h"
#include "stream/assemble/options.h"
#include "stream/detect/options.h"
#include "stream/evaluate/judge/judge_options.h"
#include "stream/evaluate/validators/rule.h"
#include "stream/notify/sink_options.h"
#include "stream/observe/options.h"
#include "stream/runtime/kafka_options.h"
#include "stream/session/options.h"

namespace tidewatch {

/// Where /metrics, /healthz, /readyz and /rollouts are served.
struct HttpOptions {
  std::string address = "127.0.0.1";
  uint16_t port = 9464;  ///< 0 takes a free one
};

enum class LogLevel : uint8_t { debug, info, warn, error };
enum class LogFormat : uint8_t { text, json };

struct LogOptions {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::text;
};

/// Where a value of the config was written. Values without an origin are defaults.
struct Origin {
  int line = 0;  ///< 1-based
  int column = 0;
  std::string reference;  ///< "${env:NAME}" or "${file:PATH}" as written; empty: the value itself stands in the file
};

/// By path: "time.pane", "detectors.refusals.window", "entities[1]". Elements of lists that have names go by them.
using Origins = std::map<std::string, Origin, std::less<>>;

/// The whole effective config: what was written, and defaults. Values that stages share are the same in each of their
/// options.
struct Config {
  KafkaOptions kafka;  ///< `brokers` may be empty: commands that need a broker must say so
  ObserveOptions observe;
  AssembleOptions assemble;
  SessionOptions session;
  DetectOptions detect;
  AlertOptions alert;
  std::vector<ValidatorRule> validators;
  JudgeOptions judge;
  std::vector<SinkOptions> sinks;
  HttpOptions http;
  LogOptions log;
  std::string file;  ///< as it was named
  Origins origins;
};

/// One thing that is wrong in a config.
struct ConfigError {
  std::string file;
  int line = 0;  ///< 1-based; 0: of the file as a whole
  int column = 0;
  std::string path;  ///< "detectors.refusals.windw"; empty: of the file as a whole
  std::string message;
};

/// `tidewatch.yaml:14:7: detectors.refusals.windw: unknown key; did you mean "window"?`
std::string to_string(const ConfigError& error);

/// `config` is complete only when `errors` is empty.
struct LoadedConfig {
  Config config;
  std::vector<ConfigError> errors;  ///< all there are, in the order of the file
  bool ok() const { return errors.empty(); }
};

/// Largest config that is read.
inline constexpr size_t kMaxConfigBytes = size_t{1} << 20;

/// Reads a config (docs/config.md). Whatever is not written is default. Never throws on bad input.
LoadedConfig load_config(std::string_view file_name, std::string_view yaml, const Environment& environment);

/// The same from a file of this machine, with the process's environment.
LoadedConfig load_config_file(const std::string& path);

/// What applies without a config.
Config default_config();

/// 12 hexadecimal digits that name what decides about alerts: all values but those of `kafka`, `topics`, `commit`,
/// `stall`, `idle`, `http`, `log` and `sinks` and the judge's credentials, which may differ between the processes that
/// share the work. The same values give the same version whatever way they were written.
std::string config_version(const Config& config);

/// The effective config as YAML that reads back to the same, with the origin of every value as a comment. References
/// are printed as written, never what they refer to.
std::string show_config(const Config& config);

std::string config_schema();  ///< JSON Schema, draft 2020-12
std::string config_docs();    ///< Markdown, one table of keys by section

}  // namespace tidewatch
