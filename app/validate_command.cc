#include "app/validate_command.h"

#include <fmt/format.h>

#include <memory>
#include <string>

#include "app/config/config.h"
#include "app/config_errors.h"

namespace tidewatch {

void register_validate(CLI::App& root, Chosen& chosen) {
  auto* command =
      root.add_subcommand("validate", "Check a config: everything that is wrong, with file, line and column");
  auto file = std::make_shared<std::string>();
  command->add_option("-c,--config", *file, "config file")->required()->type_name("FILE");
  command->callback([&chosen, file] {
    chosen.run = [file = *file] {
      const LoadedConfig loaded = load_config_file(file);
      if (!loaded.ok()) return report(loaded.errors);
      fmt::print("{}: valid\n", file);
      return Exit::ok;
    };
  });
}

}  // namespace tidewatch
