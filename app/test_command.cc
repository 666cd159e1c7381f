#include "app/test_command.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "app/config_errors.h"
#include "app/rule_test/run_test.h"
#include "app/rule_test/test_file.h"
#include "app/terminal_text.h"

namespace tidewatch {
namespace {

struct Arguments {
  std::vector<std::string> files;
  std::string only;
  bool shows_alerts = false;
};

struct Totals {
  size_t tests = 0;
  size_t failed = 0;
};

void run_one(const RuleTestFile& file, const RuleTest& test, bool shows_alerts, Totals& totals) {
  const auto started = std::chrono::steady_clock::now();
  const RuleTestResult result = run_rule_test(file.config, test);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
  ++totals.tests;
  if (!result.ok()) ++totals.failed;
  fmt::print("  {:<6}  {} ({:.2f} s)\n", result.ok() ? "ok" : "FAILED", one_line(test.name), took.count());
  for (const auto& failure : result.failures) {
    fmt::print("          {}:{}:{}: {}\n", file.file, failure.line, failure.column, one_line(failure.message));
    if (!failure.detail.empty()) fmt::print("            {}\n", one_line(failure.detail));
  }
  if (shows_alerts)
    for (const auto& alert : result.alerts) fmt::print("          - {}\n", one_line(as_expectation(alert, test.start)));
  std::fflush(stdout);
}

Exit run(const Arguments& arguments) {
  Totals totals;
  bool is_bad = false;
  for (const auto& path : arguments.files) {
    const LoadedRuleTests loaded = load_rule_tests(path);
    if (!loaded.ok()) {
      report(loaded.errors);
      is_bad = true;
      continue;
    }
    fmt::print("{}\n", path);
    for (const RuleTest& test : loaded.tests.tests)
      if (test.name.find(arguments.only) != std::string::npos)
        run_one(loaded.tests, test, arguments.shows_alerts, totals);
  }
  if (is_bad) return Exit::bad_config;
  if (totals.tests == 0) {
    fmt::print(stderr, "tidewatch: no test has \"{}\" in its name\n", arguments.only);
    return Exit::usage;
  }
  fmt::print("{} test{}, {} failed\n", totals.tests, totals.tests == 1 ? "" : "s", totals.failed);
  return totals.failed == 0 ? Exit::ok : Exit::finding;
}

}  // namespace

void register_test(CLI::App& root, Chosen& chosen) {
  auto* command = root.add_subcommand("test", "Test a config: series in, alerts expected; see docs/tuning.md");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("files", arguments->files, "files of tests")->required()->type_name("FILE");
  command->add_option("--only", arguments->only, "run tests whose name contains this")->type_name("TEXT");
  command->add_flag("--show-alerts", arguments->shows_alerts, "print every alert as it would be expected in a test");
  command->callback([arguments, &chosen] { chosen.run = [arguments] { return run(*arguments); }; });
}

}  // namespace tidewatch
