#include "app/version_command.h"

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

namespace tidewatch {

void register_version(CLI::App& root, Chosen& chosen) {
  root.add_subcommand("version", "Print the version")->callback([&chosen] {
    chosen.run = [] {
      fmt::print("tidewatch {} (librdkafka {})\n", TIDEWATCH_VERSION, rd_kafka_version_str());
      return Exit::ok;
    };
  });
}

}  // namespace tidewatch
