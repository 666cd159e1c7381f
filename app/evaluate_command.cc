#include "app/evaluate_command.h"

#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <string>

#include "app/config_argument.h"
#include "app/evaluate/evaluate_files.h"
#include "app/exit_code.h"
#include "app/progress.h"
#include "detectors/detect/predictive.h"

namespace tidewatch {
namespace {

struct Arguments {
  std::string config;
  BacktestFiles files;
  std::string out;
};

void print_rule(const EvaluatedRule& rule) {
  if (rule.judged == 0 && rule.not_applicable == 0) {
    fmt::print("{:<20} for none of the chosen requests: see its `where`\n", rule.name);
    return;
  }
  if (rule.judged == 0) {
    fmt::print("{:<20} none of {} could be judged: {}\n", rule.name, rule.not_applicable, rule.why_not);
    return;
  }
  const Observation seen = rule.passed.observe();
  const Interval interval = confidence_interval(seen);
  fmt::print("{:<20} {:6.2f} % passed, 95 % interval {:.2f} to {:.2f} %, of {} judged", rule.name, 100 * seen.value,
             100 * interval.low, 100 * interval.high, rule.judged);
  if (rule.not_applicable > 0) fmt::print("; {} could not be: {}", rule.not_applicable, rule.why_not);
  fmt::print("\n");
  for (const std::string& failure : rule.failures) fmt::print("  {}\n", failure);
}

void print(const EvaluateReport& report, const std::string& out) {
  fmt::print("{} of {} requests chosen", report.chosen, report.requests);
  if (report.over_budget > 0) fmt::print(", {} left out by the budget", report.over_budget);
  if (report.reported_late > 0)
    fmt::print(", {} reported later and looked at outside of the sample", report.reported_late);
  fmt::print("\n");
  if (report.without_answer > 0)
    fmt::print(
        "{} of those looked at recorded no answer: nothing can be judged there (docs/ingest.md says how content gets "
        "in)\n",
        report.without_answer);
  if (report.unreadable > 0)
    fmt::print("{} unreadable and left out; `tidewatch backtest` on the same files says why\n", report.unreadable);
  fmt::print("\n");
  for (const EvaluatedRule& rule : report.rules) print_rule(rule);
  fmt::print("\nwritten to {}; tidewatch backtest --evaluations {} judges it over time\n", out, out);
}

Exit run(const Arguments& arguments) {
  auto config = config_or_report(arguments.config);
  if (!config) return Exit::bad_config;
  config->observe.read_at = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  const EvaluateRequest request{std::move(*config), arguments.files, arguments.out};
  Result<EvaluateReport> report = EvaluateReport();
  {
    Progress bar("evaluating");
    report = evaluate_files(request, [&](double done) { bar.update(done); });
  }
  if (!report) return fail_with(report.error());
  print(*report, arguments.out);
  return Exit::ok;
}

}  // namespace

void register_evaluate(CLI::App& root, Chosen& chosen) {
  auto* command = root.add_subcommand("evaluate", "Choose requests of files as `sampling` says, and judge their texts");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("--config", arguments->config, "config file with `sampling` and `validators`")
      ->required()
      ->type_name("FILE");
  command
      ->add_option("--spans", arguments->files.spans,
                   "traces: OTLP JSON lines or length-delimited protobuf (.binpb), .gz and .zst of either")
      ->required()
      ->type_name("FILE");
  command->add_option("--logs", arguments->files.logs, "OTLP log records, in the same forms")->type_name("FILE");
  command
      ->add_option("--feedback", arguments->files.feedback,
                   "feedback events, one JSON value per line: what users report is always looked at")
      ->type_name("FILE");
  command->add_option("--out", arguments->out, "file of evaluations to write")->required()->type_name("FILE");
  command->callback([arguments, &chosen] { chosen.run = [arguments] { return run(*arguments); }; });
}

}  // namespace tidewatch
