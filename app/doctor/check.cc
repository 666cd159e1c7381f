#include "app/doctor/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/terminal_text.h"

namespace tidewatch::doctor {

std::string_view name_of(Level level) {
  switch (level) {
    case Level::ok:
      return "ok";
    case Level::warning:
      return "warning";
    case Level::problem:
      break;
  }
  return "problem";
}

size_t Checks::count(Level level) const {
  return static_cast<size_t>(
      std::count_if(all_.begin(), all_.end(), [&](const Check& check) { return check.level == level; }));
}

std::string to_text(const Checks& checks) {
  std::string out;
  for (const auto& check : checks.all()) {
    out += fmt::format("{:<8} {}: {}", name_of(check.level), check.subject, one_line(check.message));
    if (!check.advice.empty()) out += " -> " + one_line(check.advice);
    out += '\n';
  }
  out += fmt::format("{} ok, {} warnings, {} problems\n", checks.count(Level::ok), checks.count(Level::warning),
                     checks.count(Level::problem));
  return out;
}

std::string to_json(const Checks& checks) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const auto& check : checks.all())
    rows.push_back({{"level", std::string(name_of(check.level))},
                    {"subject", check.subject},
                    {"message", check.message},
                    {"advice", check.advice}});
  const nlohmann::ordered_json out = {{"ok", checks.count(Level::problem) == 0},
                                      {"problems", checks.count(Level::problem)},
                                      {"warnings", checks.count(Level::warning)},
                                      {"checks", std::move(rows)}};
  // Names out of spans may not be UTF-8.
  return out.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace tidewatch::doctor
