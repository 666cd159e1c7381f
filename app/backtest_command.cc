#include "app/backtest_command.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <utility>

#include "app/backtest/backtest.h"
#include "app/backtest/requirements.h"
#include "app/config/format/units.h"
#include "app/config_argument.h"
#include "app/evaluate/evaluate_files.h"
#include "app/exit_code.h"
#include "app/progress.h"
#include "app/series/series_time.h"
#include "detectors/core/params.h"

namespace tidewatch {
namespace {

struct Arguments {
  std::string config;
  std::string other;
  BacktestFiles files;
  std::string labels;
  std::string out;
  std::string tolerance_before;
  std::string tolerance_after;
  std::string min_recall;
  std::string min_precision;
  std::string max_false_per_week;
  std::string max_delay;
  std::string now;
  bool is_json = false;
};

Status read_duration(const std::string& option, const std::string& text, Duration& out) {
  if (text.empty()) return ok_status();
  const auto value = parse_duration(text);
  if (!value) return Error{"usage", fmt::format("{}: {}", option, value.error().message)};
  if (*value < Duration::zero()) return Error{"usage", fmt::format("{}: \"{}\" is below 0", option, text)};
  out = *value;
  return ok_status();
}

/// `0.9` or `90%`.
Status read_share(const std::string& option, const std::string& text, std::optional<double>& out) {
  if (text.empty()) return ok_status();
  const auto value = config::parse_share(text);
  if (!value) return Error{"usage", fmt::format("{}: \"{}\" {}", option, text, value.error().message)};
  if (*value < 0 || *value > 1)
    return Error{"usage", fmt::format("{}: \"{}\" is not between 0 and 100 %", option, text)};
  out = *value;
  return ok_status();
}

Result<LabelTolerance> tolerance_of(const Arguments& arguments) {
  LabelTolerance out;
  if (auto read = read_duration("--tolerance-before", arguments.tolerance_before, out.before); !read)
    return read.error();
  if (auto read = read_duration("--tolerance-after", arguments.tolerance_after, out.after); !read) return read.error();
  return out;
}

Result<Requirements> requirements_of(const Arguments& arguments) {
  Requirements out;
  if (auto read = read_share("--min-recall", arguments.min_recall, out.min_recall); !read) return read.error();
  if (auto read = read_share("--min-precision", arguments.min_precision, out.min_precision); !read) return read.error();
  if (!arguments.max_false_per_week.empty()) {
    const auto value = config::parse_plain_number(arguments.max_false_per_week);
    if (!value || *value < 0)
      return Error{"usage",
                   fmt::format("--max-false-per-week: \"{}\" is no number from 0 on", arguments.max_false_per_week)};
    out.max_false_per_week = *value;
  }
  if (!arguments.max_delay.empty()) {
    Duration delay{};
    if (auto read = read_duration("--max-delay", arguments.max_delay, delay); !read) return read.error();
    out.max_delay = delay;
  }
  if (!out.empty() && arguments.labels.empty())
    return Error{"usage",
                 "--min-recall, --min-precision, --max-false-per-week and --max-delay need --labels: what "
                 "really happened; an empty file says that nothing did"};
  return out;
}

/// What --now says, else what the clock says.
Result<Timestamp> now_of(const Arguments& arguments) {
  if (arguments.now.empty()) return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  const auto now = parse_series_time(arguments.now);
  if (!now) return Error{"usage", "--now: " + now.error().message};
  return *now;
}

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
  if (const uint64_t future = count("bad_spans{future_time}") + count("bad_findings{future_time}"); future > 0)
    fmt::print(
        "{} of them lie in the future, after this backtest began: is a clock wrong, or a unit of time? Where it is the "
        "files that are of another time, as simulated ones are, say so with --now\n",
        future);
  if (const uint64_t late = count("late_requests"); late > 0)
    fmt::print(
        "{} requests came after their window was judged and are in no score: is a file not in the order of time (raise "
        "time.out_of_order), or is a span's time wrong?\n",
        late);
  if (const uint64_t nameless = count("requests_without_entity"); nameless > 0)
    fmt::print(
        "{} requests have the labels of no group of entities and are in no score: do their spans state "
        "service.name?\n",
        nameless);
  else if (count("requests") > 0 && report.json["quality_scores"].get<uint64_t>() == 0)
    fmt::print("no score: the files end before the first window (scores.window) is over\n");
  if (report.assessment) fmt::print("\n{}", to_table(*report.assessment));
  if (report.comparison) {
    fmt::print("\n{}", to_text(*report.comparison));
    if (report.other_assessment) fmt::print("\n{}", to_table(*report.assessment, *report.other_assessment));
  }
  if (!report.assessment && !report.comparison)
    for (const auto& alert : report.alerts)
      fmt::print("{:<9} {:<7} {}\n", alert.transition(), alert.severity(), alert.why());
  fmt::print("\nwritten to {}\n", out);
}

/// Prints the report; what is not met goes to the error output, so that it stands out in the log of a build.
Exit answer(const BacktestReport& report, const Arguments& arguments, const Requirements& requirements) {
  if (arguments.is_json)
    fmt::print("{}\n", report.json.dump(2));
  else
    print_summary(report, arguments.out);
  if (requirements.empty()) return Exit::ok;
  const auto failures = unmet(requirements, *report.assessment);
  std::fflush(stdout);
  for (const auto& failure : failures) fmt::print(stderr, "FAILED: {}\n", failure);
  return failures.empty() ? Exit::ok : Exit::finding;
}

/// Judges the texts of a sample first, as the stage `evaluate` does beside the others, and gives the others what it
/// found. Of two configs to compare, the first one's validators judge.
Status evaluate_first(BacktestRequest& request) {
  const Config& config = request.config;
  if (!config.assemble.sampling.is_on() || config.validators.empty()) return ok_status();
  std::error_code error;
  std::filesystem::create_directories(request.out, error);
  const std::string path = std::filesystem::path(request.out) / "evaluations.jsonl";
  Result<EvaluateReport> report = EvaluateReport();
  {
    Progress bar("judging a sample");
    EvaluateRequest of_rules{config, request.files, {}, path};
    of_rules.config.judge.rules.clear();  // they cost money, and what they say of the past is not asked every time
    report = evaluate_files(of_rules, [&](double done) { bar.update(done); });
  }
  if (!report && report.error().code == "bad_data") return ok_status();  // no request: the backtest says so
  if (!report) return report.error();
  request.files.evaluations.push_back(path);
  return ok_status();
}

Exit run(const Arguments& arguments) {
  const auto tolerance = tolerance_of(arguments);
  if (!tolerance) return fail_with(tolerance.error());
  const auto requirements = requirements_of(arguments);
  if (!requirements) return fail_with(requirements.error());
  const auto now = now_of(arguments);
  if (!now) return fail_with(now.error());
  auto config = config_or_report(arguments.config);
  if (!config) return Exit::bad_config;
  config->observe.read_at = *now;
  BacktestRequest request{std::move(*config), arguments.files, arguments.labels, arguments.out, *tolerance, {}};
  if (!arguments.other.empty()) {
    request.other = config_or_report(arguments.other);
    if (!request.other) return Exit::bad_config;
    request.other->observe.read_at = *now;
  }
  if (auto judged = evaluate_first(request); !judged) return fail_with(judged.error());
  Result<BacktestReport> report = BacktestReport();
  {
    Progress bar("reading");
    report = run_backtest(request, [&](double done) { bar.update(done); });
  }
  if (!report) return fail_with(report.error());
  return answer(*report, arguments, *requirements);
}

void add_label_options(CLI::App& command, Arguments& arguments) {
  command
      .add_option("--labels", arguments.labels,
                  "what really happened: JSON lines, or CSV with a header; see docs/tuning.md")
      ->type_name("FILE");
  command
      .add_option("--tolerance-before", arguments.tolerance_before,
                  "an alert this long before a labelled start still belongs to it (default 0s)")
      ->type_name("DURATION");
  command.add_option("--tolerance-after", arguments.tolerance_after, "the same after a labelled end (default 1h)")
      ->type_name("DURATION");
  command.add_option("--min-recall", arguments.min_recall, "exit 1 when fewer incidents are found, as in 90%")
      ->type_name("SHARE");
  command.add_option("--min-precision", arguments.min_precision, "exit 1 when fewer alerts belong to an incident")
      ->type_name("SHARE");
  command.add_option("--max-false-per-week", arguments.max_false_per_week, "exit 1 when there are more false alarms")
      ->type_name("NUMBER");
  command.add_option("--max-delay", arguments.max_delay, "exit 1 when the median delay is longer, as in 15m")
      ->type_name("DURATION");
}

}  // namespace

void register_backtest(CLI::App& root, Chosen& chosen) {
  auto* command = root.add_subcommand("backtest", "Run the engine over recorded spans and see what it would have said");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("--config", arguments->config, "config file; without it the defaults apply")->type_name("FILE");
  command
      ->add_option("--compare", arguments->other,
                   "another config over the same files: which alerts appear, vanish or move, and why")
      ->type_name("FILE");
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
  add_label_options(*command, *arguments);
  command
      ->add_option("--now", arguments->now,
                   "when the files end at the latest: what is later is refused (default: the clock's time)")
      ->type_name("TIME");
  command->add_option("--out", arguments->out, "folder for the results")->required()->type_name("DIR");
  command->add_flag("--json", arguments->is_json, "print the report as JSON");
  command->callback([arguments, &chosen] { chosen.run = [arguments] { return run(*arguments); }; });
}

}  // namespace tidewatch
