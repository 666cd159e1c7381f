#include "tests/unit/app/command_run.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "app/commands.h"

namespace tidewatch::app_test {

Outcome run_command(std::vector<std::string> arguments) {
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

std::string written(const std::string& name, const std::string& content) {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  const auto folder =
      std::filesystem::path(testing::TempDir()) / (std::string(test->test_suite_name()) + "." + test->name());
  std::filesystem::create_directories(folder);
  const std::string path = folder / name;
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

}  // namespace tidewatch::app_test
