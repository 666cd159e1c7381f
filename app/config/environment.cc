#include "app/config/environment.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace tidewatch {
namespace {

constexpr size_t kMaxReferencedBytes = size_t{16} << 20;

}  // namespace

Result<std::string> read_whole_file(const std::string& path, size_t limit) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return Error{"unreadable", "is a folder"};
  std::ifstream in(path, std::ios::binary);
  if (!in) return Error{"unreadable", fmt::format("cannot be opened: {}", std::strerror(errno))};
  std::string out(limit + 1, '\0');
  in.read(out.data(), static_cast<std::streamsize>(out.size()));
  out.resize(static_cast<size_t>(in.gcount()));
  if (in.bad()) return Error{"unreadable", "cannot be read"};
  if (out.size() > limit) return Error{"unreadable", fmt::format("is larger than {} bytes", limit)};
  return out;
}

Environment process_environment(const std::string& config_file) {
  const auto folder = std::filesystem::path(config_file).parent_path();
  return {.variable = [](const std::string& name) -> std::optional<std::string> {
            const char* value = std::getenv(name.c_str());
            return value == nullptr ? std::nullopt : std::optional<std::string>(value);
          },
          .file = [folder](const std::string& path) { return read_whole_file(folder / path, kMaxReferencedBytes); }};
}

}  // namespace tidewatch
