#include <fmt/format.h>
#include <fmt/ranges.h>

#include <functional>
#include <string>

#include "app/completion/command_tree.h"

namespace tidewatch::completion {
namespace {

// {0}: paths of commands, {1}: cases of option values, {2}: options that take many, {3}: cases of words by command.
constexpr const char* kScript = R"(# bash completion of tidewatch; made by `tidewatch completion bash`
_tidewatch() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}} path= option= word i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; ++i)); do
    word=${{COMP_WORDS[i]}}
    [[ $word == -* ]] && option=$word
    case "$path $word" in
      {0}) path="$path $word" option= ;;
    esac
  done
  # --option=value comes as three words.
  if [[ $current == = ]]; then
    current=
  elif [[ $previous == = ]]; then
    previous=${{COMP_WORDS[COMP_CWORD-2]}}
  fi
  if [[ $current != -* ]]; then
    case "$path $option" in
      {2}) previous=$option ;;
    esac
  fi
  case "$path $previous" in
{1}  esac
  case "$path" in
{3}  esac
}}
complete -F _tidewatch tidewatch
)";

std::string path_of(const Command& command) {
  std::string out;
  for (const auto& name : command.path) out += " " + name;
  return out;
}

void visit(const Command& command, const std::function<void(const Command&)>& see) {
  see(command);
  for (const auto& inner : command.commands) visit(inner, see);
}

/// The statement that offers the values of `parameter`.
std::string offer(const Parameter& parameter) {
  switch (parameter.values) {
    case Values::choices:
      return fmt::format("mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$current\")",
                         fmt::join(parameter.choices, " "));
    case Values::files:
      return "compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- \"$current\")";
    case Values::folders:
      return "compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- \"$current\")";
    case Values::none:
      break;
  }
  return ":";
}

/// Patterns of a case: "' run -c'|' run --config'".
std::string patterns(const Command& command, const Parameter& option) {
  std::string out;
  for (const auto& name : option.names) out += fmt::format("{}'{} {}'", out.empty() ? "" : "|", path_of(command), name);
  return out;
}

/// Words that may come in a command: its commands, arguments and options.
std::string words_of(const Command& command) {
  std::string out;
  const auto add = [&](const std::string& word) { out += (out.empty() ? "" : " ") + word; };
  for (const auto& inner : command.commands) add(inner.path.back());
  for (const auto& argument : command.arguments)
    for (const auto& choice : argument.choices) add(choice);
  for (const auto& option : command.options)
    for (const auto& name : option.names) add(name);
  return out;
}

}  // namespace

std::string bash_script(const Command& root) {
  std::string paths;
  std::string values;
  std::string many;
  std::string words;
  visit(root, [&](const Command& command) {
    if (!command.path.empty()) paths += fmt::format("{}'{}'", paths.empty() ? "" : "|", path_of(command));
    words += fmt::format("    '{}') mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$current\") ;;\n", path_of(command),
                         words_of(command));
    for (const auto& option : command.options) {
      if (!option.takes_value) continue;
      values += fmt::format("    {}) {}; return ;;\n", patterns(command, option), offer(option));
      if (option.takes_many) many += (many.empty() ? "" : "|") + patterns(command, option);
    }
  });
  return fmt::format(kScript, paths, values, many.empty() ? "'none'" : many, words);
}

}  // namespace tidewatch::completion
