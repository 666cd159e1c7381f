#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <string_view>
#include <vector>

#include "app/completion/command_tree.h"

namespace tidewatch::completion {
namespace {

std::string literal(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

/// When the words of `command` may come: it was chosen, and none of its own commands yet.
std::string condition(const Command& command) {
  if (command.path.empty()) return "__fish_use_subcommand";
  std::string out;
  for (const auto& name : command.path)
    out += fmt::format("{}__fish_seen_subcommand_from {}", out.empty() ? "" : "; and ", name);
  std::vector<std::string> inner;
  inner.reserve(command.commands.size());
  for (const auto& one : command.commands) inner.push_back(one.path.back());
  if (!inner.empty()) out += fmt::format("; and not __fish_seen_subcommand_from {}", fmt::join(inner, " "));
  return out;
}

std::string values_of(const Parameter& parameter) {
  switch (parameter.values) {
    case Values::choices:
      return fmt::format(" -a {}", literal(fmt::format("{}", fmt::join(parameter.choices, " "))));
    case Values::files:
      return " -F";
    case Values::folders:
      return " -a '(__fish_complete_directories)'";
    case Values::none:
      break;
  }
  return "";
}

void write(const Command& command, std::string& out) {
  const std::string start = fmt::format("complete -c tidewatch -n {}", literal(condition(command)));
  for (const auto& inner : command.commands)
    out += fmt::format("{} -a {} -d {}\n", start, inner.path.back(), literal(inner.help));
  for (const auto& argument : command.arguments)
    out += fmt::format("{}{} -d {}\n", start, values_of(argument), literal(argument.help));
  for (const auto& option : command.options) {
    out += start;
    for (const auto& name : option.names)
      out += name.starts_with("--") ? fmt::format(" -l {}", name.substr(2)) : fmt::format(" -s {}", name.substr(1));
    if (option.takes_value) out += " -r" + values_of(option);
    out += fmt::format(" -d {}\n", literal(option.help));
  }
  for (const auto& inner : command.commands) write(inner, out);
}

}  // namespace

std::string fish_script(const Command& root) {
  std::string out = "# fish completion of tidewatch; made by `tidewatch completion fish`\ncomplete -c tidewatch -f\n";
  write(root, out);
  return out;
}

}  // namespace tidewatch::completion
