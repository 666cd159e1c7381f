#include "app/completion_command.h"

#include <fmt/format.h>

#include <memory>
#include <string>

#include "app/completion/command_tree.h"

namespace tidewatch {
namespace {

std::string script_of(const std::string& shell, const completion::Command& root) {
  if (shell == "bash") return completion::bash_script(root);
  if (shell == "zsh") return completion::zsh_script(root);
  return completion::fish_script(root);
}

}  // namespace

void register_completion(CLI::App& root, Chosen& chosen) {
  auto* command = root.add_subcommand("completion", "Print a completion script for a shell");
  auto shell = std::make_shared<std::string>();
  command->add_option("shell", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->callback([shell, &root, &chosen] {
    chosen.run = [shell, &root] {
      fmt::print("{}", script_of(*shell, completion::command_tree(root)));
      return Exit::ok;
    };
  });
}

}  // namespace tidewatch
