#include "app/evaluate_command.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/config_argument.h"
#include "app/evaluate/canary.h"
#include "app/evaluate/evaluate_files.h"
#include "app/evaluate/print_evaluation.h"
#include "app/exit_code.h"
#include "app/label_arguments.h"
#include "app/progress.h"
#include "app/testset/evaluate_test_set.h"

namespace tidewatch {
namespace {

struct Arguments {
  std::string config;
  BacktestFiles files;
  std::string human_labels;
  std::string canaries;
  std::string history;
  std::string out;
  EvaluateTestSet test;  ///< its config, key and labels are made of what stands here
  std::string key_env;
  std::vector<std::string> labels;
};

Exit run_test_set(const Arguments& arguments, Config config) {
  EvaluateTestSet test = arguments.test;
  if (test.endpoint.empty() || test.model.empty())
    return fail_with({"usage", "a test set is run against a model: --endpoint URL and --model NAME say which"});
  test.config = std::move(config);
  test.out = arguments.out;
  if (!arguments.key_env.empty()) {
    const char* key = std::getenv(arguments.key_env.c_str());
    if (key == nullptr || *key == '\0')
      return fail_with(
          {"usage", fmt::format("--key-env {}: there is no such environment variable", arguments.key_env)});
    test.key = key;
  }
  if (auto labels = label_arguments(arguments.labels, test.labels); !labels) return fail_with(labels.error());
  return evaluate_test_set(test);
}

Exit fail_early(const Config& config, const std::string& why) {
  return fail_with(
      {"judge_unavailable", fmt::format("the judge at {} ended early: {}; what was found until then is written",
                                        config.judge.chat.url, why)});
}

/// Whether the judge has drifted.
bool print_canaries(const CanaryResult& one) {
  fmt::print("{:<20} {} of {} canaries judged as they should be, by {}", one.judge, one.as_expected, one.judged,
             one.evaluator.empty() ? "nobody" : one.evaluator);
  if (one.unjudged > 0) fmt::print("; {} unjudged", one.unjudged);
  if (one.runs_before == 0) {
    fmt::print("\n  its first run: nothing to compare with\n");
    return false;
  }
  const PairedChange& change = one.since_then;
  fmt::print("\n  against its first {} runs {} score higher, {} lower, {} the same; on average {:+.3f} (p {:.2g})\n",
             one.runs_before, change.higher, change.lower, change.same, change.mean, change.p_value);
  if (one.has_drifted())
    fmt::print(
        "  judge drift: {} judges the same answers otherwise than at first. What its scores say of the service since "
        "then is in doubt.\n",
        one.evaluator);
  return one.has_drifted();
}

Exit run_canaries_of(const Arguments& arguments, Config config) {
  const CanaryRequest request{std::move(config), arguments.canaries,
                              arguments.history.empty() ? arguments.canaries + ".history" : arguments.history,
                              arguments.out, std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now())};
  Result<CanaryReport> report = CanaryReport();
  {
    Progress bar("judging canaries");
    report = run_canaries(request, [&](double done) { bar.update(done); });
  }
  if (!report) return fail_with(report.error());
  bool has_drifted = false;
  for (const CanaryResult& one : report->judges) has_drifted |= print_canaries(one);
  fmt::print("\nwritten to {}, and for the next run to {}\n", request.out, request.history);
  if (!report->ended_early.empty()) return fail_early(request.config, report->ended_early);
  return has_drifted ? Exit::finding : Exit::ok;
}

Exit run(const Arguments& arguments) {
  auto config = config_or_report(arguments.config);
  if (!config) return Exit::bad_config;
  if (!arguments.test.set.empty()) return run_test_set(arguments, std::move(*config));
  if (arguments.files.spans.empty() && arguments.canaries.empty())
    return fail_with(
        {"usage",
         "evaluate needs --spans FILE, the traces that are chosen from; or --canary FILE; or --testset FILE "
         "with --endpoint and --model"});
  if (arguments.out.empty()) return fail_with({"usage", "--out FILE is needed: where evaluations go"});
  if (!arguments.canaries.empty()) return run_canaries_of(arguments, std::move(*config));
  config->observe.read_at = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  const EvaluateRequest request{std::move(*config), arguments.files, arguments.human_labels, arguments.out};
  Result<EvaluateReport> report = EvaluateReport();
  {
    Progress bar("evaluating");
    report = evaluate_files(request, [&](double done) { bar.update(done); });
  }
  if (!report) return fail_with(report.error());
  print_evaluation(*report, arguments.out);
  return report->judged.ended_early.empty() ? Exit::ok : fail_early(request.config, report->judged.ended_early);
}

void add_test_set_options(CLI::App& command, Arguments& arguments) {
  constexpr const char* kGroup = "Running a test set";
  EvaluateTestSet& test = arguments.test;
  auto* set = command.add_option("--testset", test.set, "test set to run (docs/test-sets.md), instead of --spans")
                  ->type_name("FILE")
                  ->group(kGroup);
  command.add_option("--endpoint", test.endpoint, "OpenAI-compatible server, as in http://localhost:8000/v1")
      ->type_name("URL")
      ->group(kGroup);
  command.add_option("--model", test.model, "model to ask there")->type_name("NAME")->group(kGroup);
  const auto more = [&](CLI::Option* option) { return option->needs(set)->group(kGroup); };
  more(command.add_option("--key-env", arguments.key_env, "environment variable that holds the server's key"))
      ->type_name("NAME");
  more(command.add_option("--system", test.system, "file with instructions in place of the items' own"))
      ->type_name("FILE");
  more(command.add_option("--concurrency", test.concurrency, "requests at a time"))->check(CLI::Range(1, 256));
  more(command.add_option("--max-tokens", test.max_tokens, "most tokens of an answer"))
      ->check(CLI::Range(1, 1'000'000));
  more(command.add_option("--last", test.last, "run to compare with, as --out wrote it"))->type_name("FILE");
  more(command.add_flag("--fail-if-worse", test.fails_if_worse, "exit with 1 when something is worse than in --last"));
  more(command.add_option("--reference", test.reference, "file to write for the config key `reference`"))
      ->type_name("FILE");
  more(command.add_option("--label", arguments.labels, "label of the reference, as in service=shop"))
      ->type_name("NAME=VALUE");
}

}  // namespace

void register_evaluate(CLI::App& root, Chosen& chosen) {
  auto* command = root.add_subcommand("evaluate", "Choose requests of files as `sampling` says, and judge their texts");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("--config", arguments->config, "config file with `sampling`, and `validators` or `judges`")
      ->required()
      ->type_name("FILE");
  command
      ->add_option("--spans", arguments->files.spans,
                   "traces: OTLP JSON lines or length-delimited protobuf (.binpb), .gz and .zst of either")
      ->type_name("FILE");
  command->add_option("--logs", arguments->files.logs, "OTLP log records, in the same forms")->type_name("FILE");
  command
      ->add_option("--feedback", arguments->files.feedback,
                   "feedback events, one JSON value per line: what users report is always looked at")
      ->type_name("FILE");
  command
      ->add_option("--labels", arguments->human_labels,
                   "what people said of some of the answers, one evaluation per line: how far judges agree with them")
      ->type_name("FILE");
  command
      ->add_option("--canary", arguments->canaries,
                   "in place of --spans: answers that never change, judged to see whether the judge does")
      ->type_name("FILE");
  command
      ->add_option("--history", arguments->history,
                   "what earlier runs of the canaries gave; <canary>.history when not given")
      ->type_name("FILE");
  command->add_option("--out", arguments->out, "file to write: evaluations, or with --testset the run")
      ->type_name("FILE");
  add_test_set_options(*command, *arguments);
  command->callback([arguments, &chosen] { chosen.run = [arguments] { return run(*arguments); }; });
}

}  // namespace tidewatch
