#pragma once

#include <string>
#include <vector>

#include "app/exit_code.h"

namespace tidewatch::app_test {

struct Outcome {
  Exit exit = Exit::internal;
  std::string out;
  std::string err;
};

/// `tidewatch` with these arguments, in this process.
Outcome run_command(std::vector<std::string> arguments);

/// A file of this content, in a folder of the test's own: tests run at the same time.
std::string written(const std::string& name, const std::string& content);

}  // namespace tidewatch::app_test
