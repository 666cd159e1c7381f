#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "app/command.h"
#include "app/commands.h"
#include "app/logging.h"

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
  // Commands with a config set it up once more; until then, and in the others, libraries must not write as they please.
  tidewatch::set_up_logging({});
  try {
    return static_cast<int>(chosen.run());
  } catch (const std::exception& error) {
    fmt::print(stderr, "tidewatch: internal error: {}\n", error.what());
    return static_cast<int>(Exit::internal);
  }
}
