#pragma once

#include <string>
#include <vector>

#include "app/command.h"

namespace tidewatch::kafka_test {

struct Outcome {
  Exit exit = Exit::internal;
  std::string out;
  std::string err;
};

/// `tidewatch` with these arguments, in this process.
Outcome run_command(std::vector<std::string> arguments);

/// A config file on `brokers` whose topics all begin with `prefix`, with more lines of YAML after it.
std::string write_config(const std::string& brokers, const std::string& prefix, const std::string& more = {});

}  // namespace tidewatch::kafka_test
