#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace tidewatch::completion {

/// What a shell can offer for the value of an option or argument.
enum class Values : uint8_t { none, choices, files, folders };

/// An option ("-c", "--config") or, without names, a positional argument.
struct Parameter {
  std::vector<std::string> names;  ///< with their dashes
  std::string help;
  bool takes_value = true;
  bool takes_many = false;  ///< --spans a.jsonl b.jsonl
  Values values = Values::none;
  std::vector<std::string> choices;
};

struct Command {
  std::vector<std::string> path;  ///< {"config", "docs"}; empty: tidewatch itself
  std::string help;
  std::vector<Parameter> options;
  std::vector<Parameter> arguments;
  std::vector<Command> commands;
};

/// The commands and options of a CLI11 program: choices of CLI::IsMember, files and folders where the type name is FILE
/// or DIR.
Command command_tree(const CLI::App& app);

/// Completion scripts of a program that is called `tidewatch`.
std::string bash_script(const Command& root);
std::string zsh_script(const Command& root);
std::string fish_script(const Command& root);

}  // namespace tidewatch::completion
