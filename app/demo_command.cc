#include "app/demo_command.h"

#include <fmt/format.h>

#include <memory>

#include "app/demo/demo.h"
#include "app/demo/screen.h"
#include "app/exit_code.h"
#include "app/logging.h"

namespace tidewatch {
namespace {

struct Arguments {
  gen::GenOptions traffic;
  bool is_check = false;
  bool no_serve = false;  ///< said by scripts; there is no page to serve yet
};

bool is_as_expected(const Assessment& assessment) {
  return assessment.found() == assessment.expected() && assessment.false_alerts.empty();
}

Exit run(const Arguments& arguments) {
  DemoOptions options{arguments.traffic, default_config()};
  options.config.log.level = LogLevel::error;  // what the runner tells otherwise is for logs, not for a screen
  set_up_logging(options.config.log);
  DemoScreen screen;
  const DemoEvents events{.on_start = [&](const gen::Scenario& scenario) { screen.begin(scenario); },
                          .on_progress = [&](const DemoProgress& progress) { screen.progress(progress); },
                          .on_alert = [&](const v1::Alert& alert) { screen.alert(alert); }};
  const auto report = run_demo(options, events);
  screen.clear_progress();
  if (!report) return fail_with(report.error());
  screen.report(*report);
  if (!report->losses.empty()) return Exit::internal;
  return arguments.is_check && !is_as_expected(report->assessment) ? Exit::finding : Exit::ok;
}

}  // namespace

void register_demo(CLI::App& root, Chosen& chosen) {
  auto* command = root.add_subcommand(
      "demo", "Watch incidents being found in 24 simulated hours, on a broker embedded in this process");
  auto arguments = std::make_shared<Arguments>();
  arguments->traffic.history = 48;
  arguments->traffic.tail = 1;
  command->add_option("--hours", arguments->traffic.hours, "length of the day with incidents (default: 24)");
  command->add_option("--history", arguments->traffic.history, "hours of quiet traffic before it, to learn from")
      ->capture_default_str();
  command->add_option("--rate", arguments->traffic.rate, "mean requests per minute and service")->capture_default_str();
  command->add_option("--seed", arguments->traffic.seed, "the same seed gives the same traffic")->capture_default_str();
  command->add_flag("--no-serve", arguments->no_serve,
                    "end after the report, which it does anyway while there is no page to serve");
  command->add_flag("--check", arguments->is_check, "exit 1 when an incident was missed or an alarm was false");
  command->callback([arguments, &chosen] { chosen.run = [arguments] { return run(*arguments); }; });
}

}  // namespace tidewatch
