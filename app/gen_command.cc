#include "app/gen_command.h"

#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/config_argument.h"
#include "app/exit_code.h"
#include "app/gen/scenario.h"
#include "app/gen/simulator.h"
#include "app/logging.h"
#include "app/traffic/send_traffic.h"
#include "app/traffic/write_traffic.h"
#include "stream/publish/timestamps.h"

namespace tidewatch {
namespace {

struct Options {
  gen::GenOptions traffic;
  std::string start;   ///< as written
  std::string end;     ///< as written
  std::string format;  ///< as written; empty: what fits the destination
  TrafficFiles files;
  std::vector<std::string> brokers;
  std::string config;
  std::optional<double> speed;
  bool no_wait = false;

  bool is_to_kafka() const { return !brokers.empty() || !config.empty(); }
};

Exit complain(const Error& error, Exit code) {
  fmt::print(stderr, "tidewatch gen: {}\n", error.message);
  return code;
}

/// RFC 3339, a date for its first moment in UTC, or "now" for the begin of this minute.
Result<Timestamp> parse_time(const std::string& option, const std::string& text, Timestamp now) {
  if (text == "now") return align_down(now, std::chrono::minutes(1));
  google::protobuf::Timestamp time;
  const std::string whole = text.find('T') == std::string::npos ? text + "T00:00:00Z" : text;
  if (!google::protobuf::util::TimeUtil::FromString(whole, &time)) {
    return Error{"bad_option",
                 fmt::format("{}: \"{}\" is no time; write now, 2026-03-05 or 2026-03-05T06:30:00Z", option, text)};
  }
  return from_proto(time);
}

/// Sets the start of the judged period to what --start or --end say. Codes: `bad_option`, `unknown_scenario`.
Status place_in_time(Options& options, Timestamp now) {
  // A topic deletes by record time: the fixed day of files would be gone at once.
  if (options.is_to_kafka() && options.start.empty() && options.end.empty()) options.end = "now";
  if (!options.start.empty()) {
    const auto start = parse_time("--start", options.start, now);
    if (!start) return start.error();
    options.traffic.start = *start;
  } else if (!options.end.empty()) {
    const auto end = parse_time("--end", options.end, now);
    if (!end) return end.error();
    const auto length = gen::build_scenario(options.traffic);  // the scenario knows how long it is
    if (!length) return length.error();
    options.traffic.start = *end - (length->end - length->start);
  }
  return ok_status();
}

std::string incident_counts(const gen::Scenario& scenario) {
  size_t to_find = 0;
  for (const auto& incident : scenario.incidents) to_find += incident.expect_alert ? 1 : 0;
  return fmt::format("{} incidents to find, {} events that must not alert", to_find,
                     scenario.incidents.size() - to_find);
}

Exit write(const Options& options, const gen::Simulator& simulator) {
  const auto written = write_traffic(simulator, options.files);
  if (!written) return complain(written.error(), written.error().code == "open_failed" ? Exit::usage : Exit::internal);
  fmt::print("{}: {} spans in {} messages, {} votes; {}\n", options.files.folder, written->spans, written->messages,
             written->votes, incident_counts(simulator.scenario()));
  return Exit::ok;
}

Exit send(const Options& options, const KafkaOptions& kafka, const gen::Simulator& simulator, Timestamp now) {
  const Pace pace = options.no_wait ? Pace::no_wait()
                    : options.speed ? Pace::times_real(*options.speed, simulator.scenario().history_start, now)
                                    : Pace::as_due();
  const auto sent = send_traffic(simulator, kafka, pace);
  if (!sent) return fail_with(sent.error());
  fmt::print("{} and {}: {} spans in {} messages, {} votes, in {:.1f} s; {} delivered, {} not delivered{}; {}\n",
             kafka.topics.of(Stream::traces), kafka.topics.of(Stream::feedback), sent->spans, sent->messages,
             sent->votes, sent->seconds, sent->delivered, sent->failed, sent->is_interrupted ? "; interrupted" : "",
             incident_counts(simulator.scenario()));
  return sent->status ? Exit::ok : fail_with(sent->status.error());
}

/// The config's, on the brokers of the command line when it names some; nothing when the config is bad.
std::optional<KafkaOptions> kafka_options(const Options& options) {
  auto config = config_or_report(options.config);
  if (!config) return std::nullopt;
  set_up_logging({.level = LogLevel::error, .format = config->log.format});
  if (!options.brokers.empty()) config->kafka.brokers = options.brokers;
  return std::move(config->kafka);
}

Exit run_gen(Options options) {
  const auto now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  std::optional<KafkaOptions> kafka;
  if (options.is_to_kafka()) {
    kafka = kafka_options(options);
    if (!kafka) return Exit::bad_config;
    if (kafka->brokers.empty()) return complain({"usage", "the config names no brokers; add --brokers"}, Exit::usage);
    if (!options.files.compress.empty())
      return complain({"usage", "--compress is for files; of records it is kafka.properties compression.type"},
                      Exit::usage);
  } else if (options.speed || options.no_wait) {
    return complain({"usage", "--speed and --no-wait are for Kafka: add --brokers or --config"}, Exit::usage);
  }
  options.files.format = !options.format.empty() ? options.format : kafka ? "binpb" : "jsonl";
  if (const auto placed = place_in_time(options, now); !placed) return complain(placed.error(), Exit::usage);
  const auto encoding = options.files.format == "jsonl" ? OtlpEncoding::json : OtlpEncoding::protobuf;
  const auto simulator = gen::Simulator::create(options.traffic, encoding);
  if (!simulator) return complain(simulator.error(), Exit::usage);
  if (const auto written = write_labels(simulator->scenario(), options.files.folder); !written)
    return complain(written.error(), written.error().code == "open_failed" ? Exit::usage : Exit::internal);
  return kafka ? send(options, *kafka, *simulator, now) : write(options, *simulator);
}

void add_traffic_options(CLI::App* command, Options& options) {
  // Named in the type, where completion finds them; a wrong name is told with the nearest right one later.
  command->add_option("--scenario", options.traffic.scenario, "What happens in it")
      ->type_name(fmt::format("NAME:{{{}}}", fmt::join(gen::scenario_names(), ",")))
      ->capture_default_str();
  command->add_option("--hours", options.traffic.hours, "Length of the judged period (default: the scenario's)");
  command->add_option("--history", options.traffic.history,
                      "Hours of quiet traffic before it (default: the scenario's)");
  command->add_option("--rate", options.traffic.rate, "Mean requests per minute and service")->capture_default_str();
  command->add_option("--seed", options.traffic.seed, "The same seed gives the same traffic")->capture_default_str();
  auto* start = command->add_option("--start", options.start,
                                    "Begin of the judged period: RFC 3339, a date, or now (default: a fixed day)");
  command
      ->add_option("--end", options.end,
                   "End of the judged period, instead of --start (default on Kafka: now, whole minutes)")
      ->excludes(start);
  command
      ->add_option("--disorder", options.traffic.disorder, "Share of messages that arrive late, and that arrive twice")
      ->capture_default_str();
}

void add_destination_options(CLI::App* command, Options& options) {
  command->add_option("--out", options.files.folder, "Folder for spans, feedback.jsonl and labels.jsonl")
      ->required()
      ->type_name("DIR");
  command
      ->add_option("--format", options.format,
                   "Of the spans: OTLP/JSON or OTLP protobuf (default: jsonl in files, binpb on Kafka)")
      ->check(CLI::IsMember({"jsonl", "binpb"}));
  command->add_option("--compress", options.files.compress, "Compress spans and feedback")
      ->check(CLI::IsMember({"gz", "zst"}));
  command
      ->add_option("--brokers", options.brokers,
                   "Send spans and feedback to Kafka (host:port,...); only labels.jsonl goes to --out")
      ->delimiter(',')
      ->type_name("HOST:PORT");
  command->add_option("-c,--config", options.config, "The same, with brokers, properties and topics of a config file")
      ->type_name("FILE");
  auto* speed = command->add_option("--speed", options.speed,
                                    "Pace on Kafka: so many times real time from the first message on (default: each "
                                    "when its time has come, what is past at once)");
  speed->check(CLI::PositiveNumber);
  command->add_flag("--no-wait", options.no_wait, "Pace on Kafka: as fast as possible")->excludes(speed);
}

}  // namespace

void register_gen(CLI::App& root, Chosen& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command = root.add_subcommand("gen", "Labelled synthetic traffic, as OTLP files or to Kafka");
  add_traffic_options(command, *options);
  add_destination_options(command, *options);
  command->callback([options, &chosen] { chosen.run = [options] { return run_gen(*options); }; });
}

}  // namespace tidewatch
