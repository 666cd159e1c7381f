#include "app/version_command.h"

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <string>

namespace tidewatch {
namespace {

std::string version() { return fmt::format("tidewatch {} (librdkafka {})", TIDEWATCH_VERSION, rd_kafka_version_str()); }

}  // namespace

void register_version(CLI::App& root, Chosen& chosen) {
  root.set_version_flag("--version", version, "Print the version");  // what people try first
  root.add_subcommand("version", "Print the version")->callback([&chosen] {
    chosen.run = [] {
      fmt::print("{}\n", version());
      return Exit::ok;
    };
  });
}

}  // namespace tidewatch
