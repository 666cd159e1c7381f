#include "app/reference_command.h"

#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "app/config_argument.h"
#include "app/exit_code.h"
#include "app/label_arguments.h"
#include "app/progress.h"
#include "app/reference/write_reference.h"

namespace tidewatch {
namespace {

struct Arguments {
  std::string config;
  BacktestFiles files;
  std::vector<std::string> labels;
  std::string out;
};

Exit run(const Arguments& arguments) {
  auto config = config_or_report(arguments.config);
  if (!config) return Exit::bad_config;
  config->observe.read_at = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  ReferenceRequest request{std::move(*config), arguments.files, {}, arguments.out};
  if (auto labels = label_arguments(arguments.labels, request.labels); !labels) return fail_with(labels.error());
  Result<ReferenceReport> report = ReferenceReport();
  {
    Progress bar("reading");
    report = write_reference(request, [&](double done) { bar.update(done); });
  }
  if (!report) return fail_with(report.error());
  fmt::print("{} requests of {} entities written to {}\n", report->requests, report->entities, arguments.out);
  if (report->unreadable > 0)
    fmt::print("{} unreadable and left out; `tidewatch backtest` on the same files says why\n", report->unreadable);
  fmt::print("\nIn the config:\nreference: ${{file:{}}}\n", arguments.out);
  return Exit::ok;
}

}  // namespace

void register_reference(CLI::App& root, Chosen& chosen) {
  auto* command = root.add_subcommand("reference", "Write what a test set showed, to compare production with");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("--config", arguments->config, "config file; without it the defaults apply")->type_name("FILE");
  command
      ->add_option(
          "--spans", arguments->files.spans,
          "traces of the test set's run: OTLP JSON lines or length-delimited protobuf (.binpb), .gz and .zst of "
          "either")
      ->required()
      ->type_name("FILE");
  command->add_option("--logs", arguments->files.logs, "OTLP log records, in the same forms")->type_name("FILE");
  command->add_option("--feedback", arguments->files.feedback, "feedback events, one JSON value per line")
      ->type_name("FILE");
  command->add_option("--evaluations", arguments->files.evaluations, "evaluations, one JSON value per line")
      ->type_name("FILE");
  command
      ->add_option("--label", arguments->labels,
                   "a label as production has it, as in service=shop for a test set that "
                   "ran as shop-eval")
      ->type_name("NAME=VALUE");
  command->add_option("--out", arguments->out, "file to write")->required()->type_name("FILE");
  command->callback([arguments, &chosen] { chosen.run = [arguments] { return run(*arguments); }; });
}

}  // namespace tidewatch
