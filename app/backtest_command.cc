#include "app/backtest_command.h"

#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "app/backtest/backtest.h"
#include "app/config_argument.h"
#include "app/exit_code.h"
#include "app/progress.h"

namespace tidewatch {
namespace {

struct Arguments {
  std::string config;
  BacktestFiles files;
  std::string labels;
  std::string out;
  bool is_json = false;
};

void print_summary(const BacktestReport& report, const std::string& out) {
  const auto count = [&](const std::string& name) {
    uint64_t sum = 0;
    for (const auto& [key, value] : report.json["counts"].items())
      if (key == name || key.starts_with(name + "{")) sum += value.get<uint64_t>();
    return sum;
  };
  fmt::print("{} spans in {} requests, {} alert transitions, {} quality scores, {} changes in {:.1f} s\n",
             count("spans"), count("requests"), report.json["alert_transitions"].get<uint64_t>(),
             report.json["quality_scores"].get<uint64_t>(), report.json["changes"].get<uint64_t>(),
             report.json["seconds"].get<double>());
  if (report.unreadable > 0) fmt::print("{} unreadable: see {}/dead-letter.jsonl\n", report.unreadable, out);
  if (report.assessment) {
    fmt::print("\n{}", to_table(*report.assessment));
  } else {
    for (const auto& alert : report.alerts)
      fmt::print("{:<9} {:<7} {}\n", alert.transition(), alert.severity(), alert.why());
  }
  fmt::print("\nwritten to {}\n", out);
}

Exit run(const Arguments& arguments) {
  auto config = config_or_report(arguments.config);
  if (!config) return Exit::bad_config;
  Result<BacktestReport> report = BacktestReport();
  {
    Progress bar("reading");
    report = run_backtest({std::move(*config), arguments.files, arguments.labels, arguments.out},
                          [&](double done) { bar.update(done); });
  }
  if (!report) return fail_with(report.error());
  if (arguments.is_json)
    fmt::print("{}\n", report->json.dump(2));
  else
    print_summary(*report, arguments.out);
  return Exit::ok;
}

}  // namespace

void register_backtest(CLI::App& root, Chosen& chosen) {
  auto* command = root.add_subcommand("backtest", "Run the engine over recorded spans and see what it would have said");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("--config", arguments->config, "config file; without it the defaults apply")->type_name("FILE");
  command
      ->add_option("--spans", arguments->files.spans,
                   "OTLP spans: JSON lines or length-delimited protobuf (.binpb), .gz and .zst of either")
      ->required()
      ->type_name("FILE");
  command->add_option("--logs", arguments->files.logs, "OTLP log records, in the same forms")->type_name("FILE");
  command->add_option("--feedback", arguments->files.feedback, "feedback events, one JSON value per line")
      ->type_name("FILE");
  command->add_option("--evaluations", arguments->files.evaluations, "evaluations, one JSON value per line")
      ->type_name("FILE");
  command->add_option("--labels", arguments->labels, "what really happened, one JSON value per line")
      ->type_name("FILE");
  command->add_option("--out", arguments->out, "folder for the results")->required()->type_name("DIR");
  command->add_flag("--json", arguments->is_json, "print the report as JSON");
  command->callback([arguments, &chosen] { chosen.run = [arguments] { return run(*arguments); }; });
}

}  // namespace tidewatch
