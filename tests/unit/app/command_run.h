#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "app/commands.h"
#include "app/exit_code.h"

namespace tidewatch::app_test {

struct Outcome {
  Exit exit = Exit::internal;
  std::string out;
  std::string err;
};

/// `tidewatch` with these arguments, in this process.
inline Outcome run_command(std::vector<std::string> arguments) {
  CLI::App root;
  Chosen chosen;
  register_commands(root, chosen);
  std::reverse(arguments.begin(), arguments.end());
  root.parse(arguments);
  Outcome outcome;
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  if (chosen.run) outcome.exit = chosen.run();
  outcome.out = testing::internal::GetCapturedStdout();
  outcome.err = testing::internal::GetCapturedStderr();
  return outcome;
}

/// A file of this content, in a folder of the test's own: tests run at the same time.
inline std::string written(const std::string& name, const std::string& content) {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  const auto folder =
      std::filesystem::path(testing::TempDir()) / (std::string(test->test_suite_name()) + "." + test->name());
  std::filesystem::create_directories(folder);
  const std::string path = folder / name;
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

}  // namespace tidewatch::app_test
