#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "app/command.h"
#include "app/commands.h"

int main(int argc, char** argv) {
  using tidewatch::Exit;
  CLI::App root("Tidewatch notices when the answers of LLM services turn bad.");
  root.name("tidewatch");
  root.require_subcommand(1);
  tidewatch::Chosen chosen;
  tidewatch::register_commands(root, chosen);
  try {
    root.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return root.exit(error) == 0 ? static_cast<int>(Exit::ok) : static_cast<int>(Exit::usage);
  }
  try {
    return static_cast<int>(chosen.run());
  } catch (const std::exception& error) {
    fmt::print(stderr, "tidewatch: internal error: {}\n", error.what());
    return static_cast<int>(Exit::internal);
  }
}
