#include "app/logging.h"

#include <google/protobuf/stubs/logging.h>
#include <spdlog/formatter.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <bit>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>

#include "stream/publish/timestamps.h"

namespace tidewatch {
namespace {

class JsonFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const auto level = spdlog::level::to_string_view(message.level);
    const nlohmann::json line = {
        {"time", rfc3339(std::chrono::time_point_cast<Duration>(message.time))},
        {"level", std::string(level.data(), level.size())},
        {"message", std::string(message.payload.data(), message.payload.size())},
    };
    const std::string text = line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    out.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<formatter> clone() const override { return std::make_unique<JsonFormatter>(); }
};

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warn:
      return spdlog::level::warn;
    case LogLevel::error:
      break;
  }
  return spdlog::level::err;
}

spdlog::level::level_enum level_of(google::protobuf::LogLevel level) {
  switch (level) {
    case google::protobuf::LOGLEVEL_INFO:
      return spdlog::level::info;
    case google::protobuf::LOGLEVEL_WARNING:
      return spdlog::level::warn;
    default:
      return spdlog::level::err;
  }
}

/// How often libprotobuf has said this. One producer with a bad field would otherwise fill the log: a line a message.
uint64_t times_said(const std::string& message) {
  constexpr size_t kMessages = 100;  // it names fields, and there are not many; whatever else it says counts together
  static std::mutex mutex;
  static std::map<std::string, uint64_t> counts;
  const std::lock_guard lock(mutex);
  const bool has_room = counts.size() < kMessages || counts.contains(message);
  return ++counts[has_room ? message : std::string()];
}

void log_of_protobuf(google::protobuf::LogLevel level, const char* /*file*/, int /*line*/, const std::string& message) {
  const uint64_t times = times_said(message);
  if (!std::has_single_bit(times)) return;
  if (times == 1)
    spdlog::log(level_of(level), "protobuf: {}", message);
  else
    spdlog::log(level_of(level), "protobuf: {} ({} times)", message, times);
}

}  // namespace

void set_up_logging(const LogOptions& options) {
  auto logger = std::make_shared<spdlog::logger>("tidewatch", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  if (options.format == LogFormat::json)
    logger->set_formatter(std::make_unique<JsonFormatter>());
  else
    logger->set_formatter(
        std::make_unique<spdlog::pattern_formatter>("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc));
  logger->set_level(level_of(options.level));
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
  google::protobuf::SetLogHandler(log_of_protobuf);
}

}  // namespace tidewatch
