#include "app/gen_command.h"

#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "app/files/span_file_writer.h"
#include "app/gen/scenario.h"
#include "app/gen/simulator.h"
#include "app/progress.h"

namespace tidewatch {
namespace {

struct Options {
  gen::GenOptions traffic;
  std::string start;  ///< as written
  std::string out;
  std::string format = "jsonl";
  std::string compress;
};

/// The files of one run.
struct Files {
  SpanFileWriter spans;
  SpanFileWriter feedback;
  SpanFileWriter labels;
};

struct Counts {
  uint64_t spans = 0;
  uint64_t messages = 0;
  uint64_t votes = 0;
};

Exit complain(const Error& error, Exit code) {
  fmt::print(stderr, "tidewatch gen: {}\n", error.message);
  return code;
}

/// RFC 3339, or a date for its first moment in UTC.
Result<Timestamp> parse_start(const std::string& text) {
  google::protobuf::Timestamp time;
  const std::string whole = text.find('T') == std::string::npos ? text + "T00:00:00Z" : text;
  if (!google::protobuf::util::TimeUtil::FromString(whole, &time)) {
    return Error{"bad_option",
                 fmt::format("--start: \"{}\" is no time; write 2026-03-05 or 2026-03-05T06:30:00Z", text)};
  }
  return Timestamp(Duration(google::protobuf::util::TimeUtil::TimestampToNanoseconds(time)));
}

std::string path_of(const Options& options, std::string_view name, std::string_view format) {
  std::string file = fmt::format("{}.{}", name, format);
  if (!options.compress.empty()) file += "." + options.compress;
  return std::filesystem::path(options.out) / file;
}

Result<Files> open_files(const Options& options) {
  std::error_code failed;
  std::filesystem::create_directories(options.out, failed);
  if (failed) return Error{"open_failed", fmt::format("{}: {}", options.out, failed.message())};
  auto spans = SpanFileWriter::open(path_of(options, "spans", options.format));
  if (!spans) return spans.error();
  auto feedback = SpanFileWriter::open(path_of(options, "feedback", "jsonl"));
  if (!feedback) return feedback.error();
  auto labels = SpanFileWriter::open(std::filesystem::path(options.out) / "labels.jsonl");
  if (!labels) return labels.error();
  return Files{std::move(*spans), std::move(*feedback), std::move(*labels)};
}

Status write_all(const gen::Simulator& simulator, Files& files, Counts& counts) {
  const gen::Scenario& scenario = simulator.scenario();
  for (const auto& incident : scenario.incidents) {
    if (auto written = files.labels.write(gen::label_line(incident)); !written) return written;
  }
  Progress progress("generating");
  const double whole = to_seconds(scenario.end - scenario.history_start);
  Status status = ok_status();
  simulator.run([&](const gen::Emission& emission) {
    const bool is_trace = emission.stream == gen::Stream::traces;
    status = (is_trace ? files.spans : files.feedback).write(emission.payload);
    counts.spans += emission.spans;
    counts.messages += is_trace ? 1 : 0;
    counts.votes += is_trace ? 0 : 1;
    progress.update(to_seconds(emission.export_time - scenario.history_start) / whole,
                    fmt::format("{} spans", counts.spans));
    return status.ok();
  });
  for (SpanFileWriter* file : {&files.spans, &files.feedback, &files.labels}) {
    if (auto closed = file->close(); !closed && status) status = closed;
  }
  return status;
}

void report(const Options& options, const gen::Scenario& scenario, const Counts& counts) {
  size_t to_find = 0;
  for (const auto& incident : scenario.incidents) to_find += incident.expect_alert ? 1 : 0;
  fmt::print("{}: {} spans in {} messages, {} votes; {} incidents to find, {} events that must not alert\n",
             options.out, counts.spans, counts.messages, counts.votes, to_find, scenario.incidents.size() - to_find);
}

Exit run_gen(Options options) {
  if (!options.start.empty()) {
    const auto start = parse_start(options.start);
    if (!start) return complain(start.error(), Exit::usage);
    options.traffic.start = *start;
  }
  const auto encoding = options.format == "jsonl" ? OtlpEncoding::json : OtlpEncoding::protobuf;
  const auto simulator = gen::Simulator::create(options.traffic, encoding);
  if (!simulator) return complain(simulator.error(), Exit::usage);
  auto files = open_files(options);
  if (!files) return complain(files.error(), Exit::usage);
  Counts counts;
  if (const auto written = write_all(*simulator, *files, counts); !written)
    return complain(written.error(), Exit::internal);
  report(options, simulator->scenario(), counts);
  return Exit::ok;
}

}  // namespace

void register_gen(CLI::App& root, Chosen& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command = root.add_subcommand("gen", "Write labelled synthetic traffic as OTLP files");
  const auto scenarios = gen::scenario_names();
  command->add_option("--scenario", options->traffic.scenario, "What happens in the traffic")
      ->check(CLI::IsMember(std::vector<std::string>(scenarios.begin(), scenarios.end())))
      ->capture_default_str();
  command->add_option("--out", options->out, "Folder for spans, feedback.jsonl and labels.jsonl")
      ->required()
      ->type_name("DIR");
  command->add_option("--format", options->format, "Of the spans: OTLP/JSON lines or length-delimited OTLP protobuf")
      ->check(CLI::IsMember({"jsonl", "binpb"}))
      ->capture_default_str();
  command->add_option("--compress", options->compress, "Compress spans and feedback")
      ->check(CLI::IsMember({"gz", "zst"}));
  command->add_option("--hours", options->traffic.hours, "Length of the judged period (default: the scenario's)");
  command->add_option("--history", options->traffic.history,
                      "Hours of quiet traffic before it (default: the scenario's)");
  command->add_option("--rate", options->traffic.rate, "Mean requests per minute and service")->capture_default_str();
  command->add_option("--seed", options->traffic.seed, "The same seed gives the same traffic")->capture_default_str();
  command->add_option("--start", options->start,
                      "Begin of the judged period, RFC 3339 or a date (default: a fixed day)");
  command
      ->add_option("--disorder", options->traffic.disorder, "Share of messages that arrive late, and that arrive twice")
      ->capture_default_str();
  command->callback([options, &chosen] { chosen.run = [options] { return run_gen(*options); }; });
}

}  // namespace tidewatch
