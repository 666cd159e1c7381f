#include "app/run_command.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <ctime>
#include <memory>

#include "app/config_argument.h"
#include "app/engine.h"
#include "app/exit_code.h"
#include "app/flow.h"
#include "app/logging.h"

namespace tidewatch {
namespace {

struct Arguments {
  std::string config;
  std::vector<std::string> stages;
  std::string instance;
};

/// Unique on this machine, though not the same after a restart: what a killed process left open then ends by its
/// transaction timeout.
std::string default_instance() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return fmt::format("pid-{}", getpid());
  return fmt::format("{}-{}", name.data(), getpid());
}

/// Signals come to whoever waits for them, instead of interrupting threads.
sigset_t block_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return set;
}

std::optional<Config> load(const Arguments& arguments) {
  auto config = config_or_report(arguments.config);
  if (!config) return std::nullopt;
  if (!arguments.instance.empty()) config->kafka.instance = arguments.instance;
  if (config->kafka.instance.empty()) config->kafka.instance = default_instance();
  return config;
}

void reload(Engine& engine, const Arguments& arguments) {
  const auto config = load(arguments);
  if (!config) {
    spdlog::error("the new config is not valid (above); the old one stays in force");
    return;
  }
  if (auto reloaded = engine.reload(*config); !reloaded) {
    spdlog::error("the new config was not taken, the old one stays in force: {}", reloaded.error().message);
    return;
  }
  set_up_logging(config->log);
  spdlog::info("config reloaded version={}", config->detect.config_version);
}

Exit run(const Arguments& arguments) {
  const auto config = load(arguments);
  if (!config) return Exit::bad_config;
  set_up_logging(config->log);
  if (const auto status = require_brokers(*config); !status) return fail_with(status.error());
  const sigset_t signals = block_signals();
  Engine engine({arguments.stages.begin(), arguments.stages.end()});
  if (auto started = engine.start(*config); !started) return fail_with(started.error());
  spdlog::info("running config={} instance={}", config->detect.config_version, config->kafka.instance);
  for (;;) {
    const timespec interval{0, 500'000'000};
    const int signal = sigtimedwait(&signals, nullptr, &interval);
    if (signal == SIGTERM || signal == SIGINT) break;
    if (signal == SIGHUP) reload(engine, arguments);
    if (const auto failed = engine.failure()) {
      engine.stop();
      return fail_with(*failed);
    }
  }
  spdlog::info("stopping: what was read is committed first");
  engine.stop();
  return Exit::ok;
}

}  // namespace

void register_run(CLI::App& root, Chosen& chosen) {
  auto* command = root.add_subcommand("run", "Run the engine on Kafka until SIGTERM; SIGHUP reads the config again");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("-c,--config", arguments->config, "config file")->required()->type_name("FILE");
  command
      ->add_option("--stages", arguments->stages,
                   "stages to run here: observe, assemble, session, detect, alert, evaluate, notify (default: all)")
      ->delimiter(',')
      ->check(CLI::IsMember(std::set<std::string>(kStageNames.begin(), kStageNames.end())));
  command->add_option("--instance", arguments->instance,
                      "name of this process, unique among those that share the work and the same after a restart");
  command->callback([arguments, &chosen] { chosen.run = [arguments] { return run(*arguments); }; });
}

}  // namespace tidewatch
