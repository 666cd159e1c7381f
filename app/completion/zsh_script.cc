#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <string_view>

#include "app/completion/command_tree.h"

namespace tidewatch::completion {
namespace {

std::string function_of(const Command& command) {
  std::string out = "_tidewatch";
  for (const auto& name : command.path) out += "_" + name;
  return out;
}

/// Help inside the single quotes of a specification of _arguments or _describe.
std::string escaped(std::string_view help) {
  std::string out;
  for (const char c : help) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c == '\'' ? "'\\''" : std::string(1, c);
  }
  return out;
}

std::string action_of(const Parameter& parameter) {
  switch (parameter.values) {
    case Values::choices:
      return fmt::format("({})", fmt::join(parameter.choices, " "));
    case Values::files:
      return "_files";
    case Values::folders:
      return "_files -/";
    case Values::none:
      break;
  }
  return " ";
}

/// One line of a call of _arguments: '(-c --config)'{-c,--config}'[config file]:value:_files'.
std::string specification(const Parameter& option) {
  const std::string value = option.takes_value ? fmt::format(":value:{}", action_of(option)) : "";
  const std::string rest = fmt::format("[{}]{}", escaped(option.help), value);
  const std::string again = option.takes_many ? "*" : "";
  if (option.names.size() == 1) return fmt::format("'{}{}{}'", again, option.names.front(), rest);
  return fmt::format("'({})'{{{}}}'{}'", fmt::join(option.names, " "), fmt::join(option.names, ","), rest);
}

void write(const Command& command, std::string& out) {
  for (const auto& inner : command.commands) write(inner, out);
  const std::string name = function_of(command);
  out += fmt::format("{}() {{\n", name);
  if (!command.commands.empty()) {
    out += "  local state line\n  local -a commands=(\n";
    for (const auto& inner : command.commands)
      out += fmt::format("    '{}:{}'\n", inner.path.back(), escaped(inner.help));
    out += "  )\n";
  }
  out += "  _arguments -C";
  for (const auto& option : command.options) out += " \\\n    " + specification(option);
  for (const auto& argument : command.arguments)
    out += fmt::format(" \\\n    ':{}:{}'", escaped(argument.help), action_of(argument));
  if (command.commands.empty()) {
    out += "\n}\n";
    return;
  }
  out += " \\\n    '1:command:->command' \\\n    '*::argument:->argument'\n  case $state in\n";
  out += "    command) _describe command commands ;;\n    argument)\n      case $line[1] in\n";
  for (const auto& inner : command.commands)
    out += fmt::format("        {}) {} ;;\n", inner.path.back(), function_of(inner));
  out += "      esac ;;\n  esac\n}\n";
}

}  // namespace

std::string zsh_script(const Command& root) {
  std::string out = "#compdef tidewatch\n# zsh completion of tidewatch; made by `tidewatch completion zsh`\n";
  write(root, out);
  // As a file of $fpath it is the body of _tidewatch; with `source` it registers itself.
  out += "if [[ $funcstack[1] == _tidewatch ]]; then\n  _tidewatch \"$@\"\nelse\n  compdef _tidewatch tidewatch\nfi\n";
  return out;
}

}  // namespace tidewatch::completion
