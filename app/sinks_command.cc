#include "app/sinks_command.h"

#include <fmt/format.h>

#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/config_argument.h"
#include "app/evaluate/real_surroundings.h"
#include "app/exit_code.h"
#include "app/sinks/test_notice.h"
#include "app/terminal_text.h"
#include "stream/notify/shared_sinks.h"

namespace tidewatch {
namespace {

constexpr Duration kPoll = std::chrono::milliseconds(100);
constexpr size_t kShown = 300;  ///< of a response

struct Arguments {
  std::string name;
  std::string config;
};

const SinkOptions* find_sink(const Config& config, const std::string& name) {
  for (const SinkOptions& sink : config.sinks)
    if (sink.name == name) return &sink;
  return nullptr;
}

Error no_such_sink(const Config& config, const std::string& name) {
  std::string names;
  for (const SinkOptions& sink : config.sinks) names += (names.empty() ? "" : ", ") + sink.name;
  return {"usage", names.empty() ? "the config has no sinks (docs/sinks.md)"
                                 : fmt::format("the config has no sink \"{}\"; there are {}", name, names)};
}

/// Sends one message, once, and says what came back.
Answer send(const SinkFormat& format, const SinkOptions& sink, Delivery& delivery) {
  Transfers transfers;
  std::visit([&](auto&& request) { transfers.start(1, std::forward<decltype(request)>(request)); },
             outgoing(format, sink, {&delivery, 1}, real_surroundings().wall()));
  std::vector<TransferOutcome> outcomes;
  while (outcomes.empty()) outcomes = transfers.poll(kPoll);
  const TransferOutcome& outcome = outcomes.front();
  const Answer answer = format.answer(outcome);
  if (answer.kind == Answer::Kind::told) {
    delivery.reference = format.reference(delivery, outcome);
    fmt::print("{} told: {} {}\n", is_firing(*delivery.notice) ? "firing  " : "resolved", outcome.status,
               one_line(outcome.body.substr(0, kShown)));
  } else {
    fmt::print(
        "{} {}: {} {}\n", is_firing(*delivery.notice) ? "firing  " : "resolved",
        answer.kind == Answer::Kind::failed ? "failed (would be tried again)" : "refused (would be a dead letter)",
        answer.error.code, one_line(answer.error.message));
  }
  return answer;
}

Exit test(const Arguments& arguments) {
  const auto config = config_or_report(arguments.config);
  if (!config) return Exit::bad_config;
  const SinkOptions* sink = find_sink(*config, arguments.name);
  if (sink == nullptr) return fail_with(no_such_sink(*config, arguments.name));
  const auto format = make_format(*sink);
  std::string id;
  for (const char c : boost::uuids::to_string(boost::uuids::random_generator()()))
    if (c != '-') id += c;
  Delivery delivery;
  delivery.subject = id;
  for (const bool is_firing : {true, false}) {
    const Timestamp now = real_surroundings().wall();
    delivery.notice = std::make_shared<const v1::Notice>(test_notice(format->subject(), id, is_firing, now));
    delivery.key = key_of(*delivery.notice);
    delivery.is_first = is_firing;
    if (send(*format, *sink, delivery).kind != Answer::Kind::told) return Exit::finding;
  }
  return Exit::ok;
}

}  // namespace

void register_sinks(CLI::App& root, Chosen& chosen) {
  auto* sinks = root.add_subcommand("sinks", "Whom the config tells of alerts");
  sinks->require_subcommand(1);
  auto* command =
      sinks->add_subcommand("test", "Send a test that fires and is resolved, and print what the sink answers");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("name", arguments->name, "of the sink in the config")->required()->type_name("NAME");
  command->add_option("-c,--config", arguments->config, "config file")->required()->type_name("FILE");
  command->callback([arguments, &chosen] { chosen.run = [arguments] { return test(*arguments); }; });
}

}  // namespace tidewatch
