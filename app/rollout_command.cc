#include "app/rollout_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "app/config_argument.h"
#include "app/exit_code.h"
#include "app/rollouts/print_rollouts.h"
#include "app/rollouts/rollout_board.h"
#include "app/send_command.h"
#include "stream/runtime/kafka_follower.h"

namespace tidewatch {
namespace {

struct Arguments {
  std::string config;
  std::string name;
  std::string by;
  std::string comment;
  bool json = false;
};

Timestamp now() { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }

/// All that was decided and is still in the topic.
Result<RolloutBoard> read_board(const Config& config) {
  const Duration patience = config.kafka.broker_timeout;
  auto follower = kafka::Follower::open(config.kafka, Stream::rollouts, {.last = std::nullopt}, patience);
  if (!follower) return follower.error();
  RolloutBoard board;
  Timestamp last_record = now();
  while (!(*follower)->has_caught_up()) {
    const auto status = (*follower)->poll(std::chrono::milliseconds(100), [&](const Record& record) {
      board.take(record);
      last_record = now();
    });
    if (!status) return status.error();
    if (now() - last_record > patience)
      return Error{"broker_unavailable", "the topic of decisions could not be read to its end"};
  }
  return board;
}

const RolloutRule* find(const Config& config, const std::string& name) {
  const auto& rules = config.detect.rollouts;
  const auto at = std::find_if(rules.begin(), rules.end(), [&](const RolloutRule& rule) { return rule.name == name; });
  return at == rules.end() ? nullptr : &*at;
}

Error unknown(const Config& config, const std::string& name) {
  std::string names;
  for (const RolloutRule& rule : config.detect.rollouts) names += (names.empty() ? "" : ", ") + rule.name;
  return {"usage",
          fmt::format("the config has no rollout \"{}\"; there {}", name, names.empty() ? "are none" : "is " + names)};
}

Exit list(const Arguments& arguments) {
  Exit failed{};
  const auto config = config_with_brokers(arguments.config, failed);
  if (!config) return failed;
  const auto board = read_board(*config);
  if (!board) return fail_with(board.error());
  fmt::print("{}", arguments.json ? rollouts_json(*board, config->detect.rollouts, now())
                                  : rollouts_text(*board, config->detect.rollouts, now()));
  return Exit::ok;
}

Exit status(const Arguments& arguments) {
  Exit failed{};
  const auto config = config_with_brokers(arguments.config, failed);
  if (!config) return failed;
  const RolloutRule* rule = find(*config, arguments.name);
  if (rule == nullptr) return fail_with(unknown(*config, arguments.name));
  const auto board = read_board(*config);
  if (!board) return fail_with(board.error());
  fmt::print("{}", arguments.json ? rollouts_json(*board, {*rule}, now()) : rollout_text(*board, *rule, now()));
  return Exit::ok;
}

Exit order(const Arguments& arguments, const std::string& action, const std::string& done) {
  Exit failed{};
  const auto config = config_with_brokers(arguments.config, failed);
  if (!config) return failed;
  if (find(*config, arguments.name) == nullptr) return fail_with(unknown(*config, arguments.name));
  v1::Command command;
  command.mutable_rollout()->set_name(arguments.name);
  command.mutable_rollout()->set_action(action);
  command.set_by(arguments.by);
  command.set_comment(arguments.comment);
  if (const auto sent = send_command(*config, command); !sent) return fail_with(sent.error());
  fmt::print("{} {} (command {})\n", arguments.name, done, command.id());
  return Exit::ok;
}

}  // namespace

void register_rollout(CLI::App& root, Chosen& chosen) {
  auto* rollout = root.add_subcommand("rollout", "Canaries and A/B tests: how they stand, and what you decide of them");
  rollout->require_subcommand(1);
  const auto add = [&](const char* name, const char* about, const auto& run) {
    auto* command = rollout->add_subcommand(name, about);
    auto arguments = std::make_shared<Arguments>();
    command->add_option("-c,--config", arguments->config, "config file")->required()->type_name("FILE");
    command->callback([arguments, run, &chosen] { chosen.run = [arguments, run] { return run(*arguments); }; });
    return std::pair(command, arguments);
  };
  {
    const auto [command, arguments] = add("list", "Every rollout of the config, and how it stands", list);
    command->add_flag("--json", arguments->json, "print JSON, one rollout a line");
  }
  {
    const auto [command, arguments] =
        add("status", "A rollout with its guards' intervals, and what was decided so far", status);
    command->add_option("name", arguments->name, "of the rollout")->required();
    command->add_flag("--json", arguments->json, "print JSON");
  }
  const auto add_order = [&](const char* action, const char* about, const char* done) {
    const auto [command, arguments] =
        add(action, about, [action = std::string(action), done = std::string(done)](const Arguments& given) {
          return order(given, action, done);
        });
    command->add_option("name", arguments->name, "of the rollout")->required();
    command->add_option("--by", arguments->by, "who you are (default: the user's name here)");
    command->add_option("--comment", arguments->comment, "why, for those who read it later");
  };
  add_order("promote", "Give the treatment all requests, whatever is known of it", "is to be promoted");
  add_order("rollback", "Take all requests from the treatment", "is to be rolled back");
  add_order("restart", "Begin anew: what was seen so far is forgotten", "begins anew");
  add_order("drill", "Publish a rollback marked as a drill, to prove the way to what acts on it", "is drilled");
}

}  // namespace tidewatch
