#include "app/tap_command.h"

#include <fmt/format.h>

#include <cstdio>
#include <map>
#include <memory>
#include <string>

#include "app/config_argument.h"
#include "app/exit_code.h"
#include "app/stop_signals.h"
#include "app/tap/printer.h"
#include "stream/runtime/kafka_follower.h"

namespace tidewatch {
namespace {

constexpr auto kPoll = std::chrono::milliseconds(200);

struct Arguments {
  std::string topic;
  std::string config;
  bool from_beginning = false;
  bool json = false;
  uint64_t count = 0;  ///< 0: no end
};

/// Streams by the name they have on the command line.
const std::map<std::string, Stream>& streams() {
  static const std::map<std::string, Stream> all = [] {
    std::map<std::string, Stream> out;
    for (int i = 0; i < kStreamCount; ++i)
      out.emplace(tap::argument_of(static_cast<Stream>(i)), static_cast<Stream>(i));
    return out;
  }();
  return all;
}

std::vector<std::string> stream_names() {
  std::vector<std::string> out;
  for (const auto& [name, stream] : streams()) out.push_back(name);
  return out;
}

Status follow(const Config& config, const Arguments& arguments) {
  StopSignals signals;
  auto table = DialectTable::embedded(config.observe.label_keys);
  if (!table) return table.error();
  tap::Printer printer(config.observe, std::move(table).value(),
                       arguments.json ? tap::Format::json : tap::Format::text);
  kafka::FollowFrom from;
  if (arguments.from_beginning) from.last.reset();
  auto follower = kafka::Follower::open(config.kafka, streams().at(arguments.topic), from, config.kafka.broker_timeout);
  if (!follower) return follower.error();
  uint64_t printed = 0;
  while (!signals.arrived() && (arguments.count == 0 || printed < arguments.count)) {
    auto status = (*follower)->poll(kPoll, [&](const Record& record) {
      const std::string lines = printer.print(record);
      if (lines.empty()) return;
      fmt::print("{}", lines);
      std::fflush(stdout);  // whoever reads it from a pipe sees it now
      ++printed;
    });
    if (!status) return status;
  }
  return ok_status();
}

Exit run(const Arguments& arguments) {
  Exit failed{};
  const auto config = config_with_brokers(arguments.config, failed);
  if (!config) return failed;
  const auto status = follow(*config, arguments);
  return status ? Exit::ok : fail_with(status.error());
}

}  // namespace

void register_tap(CLI::App& root, Chosen& chosen) {
  auto* command = root.add_subcommand("tap", "Follow a topic readably until SIGINT or SIGTERM");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("topic", arguments->topic, "which of Tidewatch's topics")
      ->required()
      ->check(CLI::IsMember(stream_names()));
  command->add_option("-c,--config", arguments->config, "config file")->required()->type_name("FILE");
  command->add_flag("--from-beginning", arguments->from_beginning, "begin with the oldest record (default: new ones)");
  command->add_option("--count", arguments->count, "end after so many records")->check(CLI::PositiveNumber);
  command->add_flag("--json", arguments->json, "print JSON, one object a line");
  command->callback([arguments, &chosen] { chosen.run = [arguments] { return run(*arguments); }; });
}

}  // namespace tidewatch
