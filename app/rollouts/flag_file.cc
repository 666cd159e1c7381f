#include "app/rollouts/flag_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>

#include "stream/publish/timestamps.h"

namespace tidewatch {

std::string flag_text(const v1::RolloutDecision& decision) {
  const nlohmann::ordered_json out = {{"rollout", decision.rollout()},
                                      {"label", decision.label()},
                                      {"treatment", decision.treatment()},
                                      {"share", decision.step() / 100},
                                      {"decision", decision.decision()},
                                      {"at", rfc3339(from_proto(decision.at()))},
                                      {"id", decision.id()}};
  return out.dump() + "\n";
}

Status write_flag(const std::string& path, const std::string& text) {
  const std::string draft = path + ".new";
  const auto failed = [&](const std::string& why) {
    return Error{"io", fmt::format("{} could not be written: {}", path, why)};
  };
  {
    errno = 0;
    std::ofstream file(draft, std::ios::binary | std::ios::trunc);
    file << text;
    file.close();
    if (!file) return failed(std::generic_category().message(errno));
  }
  std::error_code code;
  std::filesystem::rename(draft, path, code);
  return code ? Status(failed(code.message())) : ok_status();
}

}  // namespace tidewatch
