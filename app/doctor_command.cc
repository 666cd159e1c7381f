#include "app/doctor_command.h"

#include <fmt/format.h>

#include <memory>
#include <string>

#include "app/config_argument.h"
#include "app/doctor/doctor.h"
#include "app/exit_code.h"

namespace tidewatch {
namespace {

struct Arguments {
  std::string config;
  bool fix = false;
  bool json = false;
  int32_t partitions = 4;
  int64_t messages = 200;
  double timeout_s = 10;
};

Exit run(const Arguments& arguments) {
  Exit failed{};
  const auto config = config_with_brokers(arguments.config, failed);
  if (!config) return failed;
  doctor::Options options;
  if (arguments.fix) options.fix = doctor::FixOptions{.partitions = arguments.partitions};
  options.messages = arguments.messages;
  options.timeout = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(arguments.timeout_s));
  const auto checks = doctor::examine(*config, options);
  if (!checks) return fail_with(checks.error());
  fmt::print("{}", arguments.json ? to_json(*checks) : to_text(*checks));
  return checks->count(doctor::Level::problem) == 0 ? Exit::ok : Exit::finding;
}

}  // namespace

void register_doctor(CLI::App& root, Chosen& chosen) {
  auto* command = root.add_subcommand("doctor", "Check brokers, topics, rights, clocks and a sample of what arrives");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("-c,--config", arguments->config, "config file")->required()->type_name("FILE");
  command->add_flag("--fix", arguments->fix, "create missing topics and add missing partitions");
  command->add_option("--partitions", arguments->partitions, "of topics that --fix creates")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  command->add_option("--messages", arguments->messages, "newest messages of each input topic to look at; 0: none")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
  command->add_option("--timeout", arguments->timeout_s, "seconds that each question to the brokers may take")
      ->check(CLI::Range(0.1, 600.0))
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "print one JSON object");
  command->callback([arguments, &chosen] { chosen.run = [arguments] { return run(*arguments); }; });
}

}  // namespace tidewatch
