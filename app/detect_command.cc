#include "app/detect_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/exit_code.h"
#include "app/progress.h"
#include "app/series/series_run.h"

namespace tidewatch {
namespace {

struct Arguments {
  SeriesFiles files{.input = {}, .output = "-"};
  std::string detector = "novelty";
  std::vector<std::string> settings;  ///< k=v, as written
  std::string kind = "distribution";
  std::string direction = "either";
  std::string interval;
  std::string time_zone = "UTC";
  std::vector<std::string> holidays;  ///< as written
};

constexpr uint64_t kMostComplaints = 20;

Result<SeriesWatchOptions> options_of(const Arguments& arguments) {
  SeriesWatchOptions out;
  out.detector = arguments.detector;
  for (const auto& text : arguments.settings) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
      return Error{"usage", fmt::format("--set {}: write NAME=VALUE, as in half_life=288", text)};
    out.settings.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  out.kind = measure_kind(arguments.kind).value_or(MeasureKind::distribution);
  out.direction = arguments.direction == "up"     ? Direction::up
                  : arguments.direction == "down" ? Direction::down
                                                  : Direction::either;
  out.time_zone = arguments.time_zone;
  for (const auto& text : arguments.holidays) {
    const auto holiday = parse_holiday(text);
    if (!holiday) return Error{"usage", fmt::format("--holiday: \"{}\" {}", text, holiday.error().message)};
    out.holidays.push_back(*holiday);
  }
  if (!arguments.interval.empty()) {
    const auto interval = parse_duration(arguments.interval);
    if (!interval) return Error{"usage", fmt::format("--interval: {}", interval.error().message)};
    if (*interval <= Duration::zero()) return Error{"usage", "--interval: must be more than 0"};
    out.interval = *interval;
  }
  return out;
}

/// What the command line said wrongly, unlike what the file says wrongly.
bool is_usage(const Error& error) {
  constexpr auto kCodes = std::to_array<std::string_view>(
      {"unknown_detector", "unknown_key", "bad_value", "bad_time_zone", "bad_measures"});
  return std::find(kCodes.begin(), kCodes.end(), error.code) != kCodes.end();
}

std::string detector_names() {
  std::string out;
  for (const auto& info : describe_detectors()) out += (out.empty() ? "" : ", ") + info.name;
  return out;
}

Error explained(const Error& error) {
  if (!is_usage(error)) return error;
  if (error.code == "bad_time_zone") return {"usage", "--time-zone: " + error.message};
  if (error.code == "bad_measures") return {"usage", "--detector: a series " + error.message};
  if (error.code != "unknown_detector") return {"usage", fmt::format("--set {}", error.message)};
  return {"usage", fmt::format("--detector {} (there are {})", error.message, detector_names())};
}

void report_on(const Arguments& arguments, const SeriesReport& report) {
  if (report.bad_rows > 0)
    fmt::print(stderr, "tidewatch: {}: {} of {} rows could not be read and were left out\n", arguments.files.input,
               report.bad_rows, report.bad_rows + report.rows);
  if (report.backwards > 0)
    fmt::print(stderr, "tidewatch: {}: {} rows are earlier than the row before them; taken in the file's order\n",
               arguments.files.input, report.backwards);
  if (report.judged == 0)
    fmt::print(stderr,
               "tidewatch: {}: every score is 0: in {} rows {} never learnt enough to judge, or needs a --set\n",
               arguments.files.input, report.rows, arguments.detector);
}

Exit run(const Arguments& arguments) {
  const auto options = options_of(arguments);
  if (!options) return fail_with(options.error());
  Result<SeriesReport> report = SeriesReport{};
  {
    Progress bar("detecting");
    uint64_t complaints = 0;
    report = run_series(
        arguments.files, *options,
        [&](const std::string& message) {
          if (++complaints <= kMostComplaints) fmt::print(stderr, "{}\n", message);
          if (complaints == kMostComplaints) fmt::print(stderr, "further bad rows are only counted\n");
        },
        [&](double done) { bar.update(done); });
  }
  if (!report) return fail_with(explained(report.error()));
  report_on(arguments, *report);
  return Exit::ok;
}

}  // namespace

void register_detect(CLI::App& root, Chosen& chosen) {
  auto* command = root.add_subcommand("detect", "Run a detector over a series: CSV in, CSV with anomaly scores out");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("--detector", arguments->detector, fmt::format("One of {}", detector_names()))
      ->type_name("NAME")
      ->capture_default_str();
  command->add_option("--set", arguments->settings, "Parameters of the detector, as in half_life=288")
      ->type_name("NAME=VALUE");
  command->add_option("--input", arguments->files.input, "timestamp,value[,value2...]; also .gz and .zst; - for stdin")
      ->required()
      ->type_name("FILE");
  command
      ->add_option("--output", arguments->files.output,
                   "timestamp,anomaly_score,surprise,expected,effect; - for standard output")
      ->type_name("FILE")
      ->capture_default_str();
  command
      ->add_option("--kind", arguments->kind,
                   "What the values are: numbers (distribution), counts of events (sum), numbers of distinct things")
      ->check(CLI::IsMember({"distribution", "sum", "distinct"}))
      ->capture_default_str();
  command->add_option("--direction", arguments->direction, "The side that counts")
      ->check(CLI::IsMember({"either", "up", "down"}))
      ->capture_default_str();
  command->add_option("--interval", arguments->interval, "Time between rows, as in 5m (default: as they come)")
      ->type_name("DURATION");
  command->add_option("--time-zone", arguments->time_zone, "Of hours and weekdays in seasons")
      ->type_name("ZONE")
      ->capture_default_str();
  command->add_option("--holiday", arguments->holidays, "Days like Sundays, as in 2026-12-25, or 12-25 for every year")
      ->type_name("DAY");
  command->callback([arguments, &chosen] { chosen.run = [arguments] { return run(*arguments); }; });
}

}  // namespace tidewatch
