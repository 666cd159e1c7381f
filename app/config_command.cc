#include "app/config_command.h"

#include <fmt/format.h>

#include <memory>
#include <string>

#include "app/config/config.h"
#include "app/config_errors.h"

namespace tidewatch {
namespace {

Exit show(const std::string& file) {
  const LoadedConfig loaded = file.empty() ? load_config("", "", process_environment("")) : load_config_file(file);
  if (!loaded.ok()) return report(loaded.errors);
  fmt::print("# config_version: {}\n{}", loaded.config.detect.config_version, show_config(loaded.config));
  return Exit::ok;
}

}  // namespace

void register_config(CLI::App& root, Chosen& chosen) {
  auto* command = root.add_subcommand("config", "The config: its keys, its schema, and what applies");
  command->require_subcommand(1);
  command->add_subcommand("docs", "Every key, as Markdown")->callback([&chosen] {
    chosen.run = [] {
      fmt::print("{}", config_docs());
      return Exit::ok;
    };
  });
  command->add_subcommand("schema", "JSON Schema for editors")->callback([&chosen] {
    chosen.run = [] {
      fmt::print("{}", config_schema());
      return Exit::ok;
    };
  });
  auto* shown = command->add_subcommand("show", "The whole effective config with the origin of every value");
  auto file = std::make_shared<std::string>();
  shown->add_option("-c,--config", *file, "config file; without it, the defaults")->type_name("FILE");
  shown->callback([&chosen, file] { chosen.run = [file = *file] { return show(file); }; });
}

}  // namespace tidewatch
