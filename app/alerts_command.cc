#include "app/alerts_command.h"

#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/alerts/alert_store.h"
#include "app/alerts/false_alarm_budget.h"
#include "app/alerts/print_alerts.h"
#include "app/config_argument.h"
#include "app/exit_code.h"
#include "app/send_command.h"
#include "detectors/core/params.h"
#include "detectors/decide/taught_threshold.h"
#include "stream/ingest/findings/json_object.h"
#include "stream/publish/timestamps.h"

namespace tidewatch {
namespace {

struct Arguments {
  std::string config;
  std::vector<std::string> matchers;
  std::string id;
  std::string by;
  std::string comment;
  std::string length;   ///< of a silence or an expected event, as written
  std::string from;     ///< of an expected event, as written; empty: now
  std::string verdict;  ///< what an alert was found to be
  bool all = false;
  bool json = false;
};

Timestamp now() { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }

Result<std::vector<LabelMatcher>> parse_matchers(const std::vector<std::string>& texts) {
  std::vector<LabelMatcher> out;
  for (const auto& text : texts) {
    auto made = LabelMatcher::parse(text);
    if (!made) return Error{"usage", made.error().message};
    out.push_back(std::move(made).value());
  }
  return out;
}

/// The config and what the topics say; nothing: reported.
struct Opened {
  Config config;
  AlertStore store;
};
std::optional<Opened> open_store(const Arguments& arguments, Exit& failed) {
  auto config = config_with_brokers(arguments.config, failed);
  if (!config) return std::nullopt;
  auto store = AlertStore::read(*config);
  if (!store) {
    failed = fail_with(store.error());
    return std::nullopt;
  }
  return Opened{std::move(*config), std::move(store).value()};
}

Exit list(const Arguments& arguments) {
  Exit failed{};
  const auto config = config_with_brokers(arguments.config, failed);
  if (!config) return failed;
  const auto matchers = parse_matchers(arguments.matchers);
  if (!matchers) return fail_with(matchers.error());
  const auto store = AlertStore::read(*config);
  if (!store) return fail_with(store.error());
  fmt::print("{}", arguments.json ? alerts_json(*store, *matchers, arguments.all)
                                  : alerts_text(*store, *matchers, arguments.all));
  return Exit::ok;
}

Exit list_silences(const Arguments& arguments) {
  Exit failed{};
  const auto opened = open_store(arguments, failed);
  if (!opened) return failed;
  fmt::print("{}", arguments.json ? silences_json(opened->store) : silences_text(opened->store, now()));
  return Exit::ok;
}

Exit list_events(const Arguments& arguments) {
  Exit failed{};
  const auto opened = open_store(arguments, failed);
  if (!opened) return failed;
  const auto& of_config = opened->config.detect.expected_events;
  fmt::print("{}",
             arguments.json ? events_json(opened->store, of_config) : events_text(opened->store, of_config, now()));
  return Exit::ok;
}

Exit show_budget(const Arguments& arguments) {
  Exit failed{};
  const auto opened = open_store(arguments, failed);
  if (!opened) return failed;
  const FalseAlarmBudget& budget = opened->config.detect.false_alarms;
  const SpentBudget spent = spent_budget(opened->store, budget, now());
  fmt::print("{}", arguments.json ? budget_json(spent) : budget_text(spent, budget));
  return Exit::ok;
}

/// Sends what a person said.
Exit send(const Config& config, const Arguments& arguments, v1::Command command, std::string_view done) {
  command.set_by(arguments.by);
  command.set_comment(arguments.comment);
  if (const auto sent = send_command(config, command); !sent)
    return sent.error().code.starts_with("bad_") && sent.error().code != "bad_config"
               ? fail_with({"usage", sent.error().message})
               : fail_with(sent.error());
  fmt::print("{} (command {})\n", done, command.id());
  return Exit::ok;
}

Exit acknowledge(const Arguments& arguments, bool is_taken_back) {
  Exit failed{};
  const auto opened = open_store(arguments, failed);
  if (!opened) return failed;
  const auto target = opened->store.target(arguments.id);
  if (!target) return fail_with({"usage", target.error().message});
  v1::Command command;
  const auto fill = [&](auto* to) {
    to->set_alert_id(target->alert_id);
    to->set_incident_id(target->incident_id);
  };
  if (is_taken_back)
    fill(command.mutable_unacknowledge());
  else
    fill(command.mutable_acknowledge());
  const bool is_incident = target->alert_id.empty();
  return send(opened->config, arguments, std::move(command),
              fmt::format("{} {} {}acknowledged", is_incident ? "incident" : "alert",
                          is_incident ? target->incident_id : target->alert_id, is_taken_back ? "un" : ""));
}

Exit mark(const Arguments& arguments) {
  if (const auto finding = parse_mark_verdict(arguments.verdict); !finding)
    return fail_with({"usage", finding.error().message});
  Exit failed{};
  const auto opened = open_store(arguments, failed);
  if (!opened) return failed;
  const auto ids = opened->store.alert_ids(arguments.id);
  if (!ids) return fail_with({"usage", ids.error().message});
  v1::Command command;
  for (const auto& id : *ids) command.mutable_mark()->add_alert_ids(id);
  command.mutable_mark()->set_verdict(arguments.verdict);
  return send(opened->config, arguments, std::move(command),
              arguments.verdict == "none"
                  ? fmt::format("what was said of {} is taken back", ids->size() == 1 ? ids->front() : "its alerts")
                  : fmt::format("{} marked as {}",
                                ids->size() == 1 ? "alert " + ids->front() : fmt::format("{} alerts", ids->size()),
                                arguments.verdict));
}

/// A silence's or an expected event's matchers and its end; a length that cannot be read is an error of usage.
template <typename Spanned>
Result<Timestamp> fill_span(const Arguments& arguments, Timestamp from, Spanned& out) {
  const auto matchers = parse_matchers(arguments.matchers);
  if (!matchers) return matchers.error();
  const auto length = parse_duration(arguments.length);
  if (!length || *length <= Duration::zero())
    return Error{"usage", fmt::format("--for \"{}\" is no length of time; write 30m, 2h or 3d", arguments.length)};
  for (const LabelMatcher& matcher : *matchers) {
    auto* added = out.add_matchers();
    added->set_name(matcher.name());
    added->set_op(matcher.op());
    added->set_value(matcher.value());
  }
  *out.mutable_until() = to_proto(from + *length);
  return std::chrono::time_point_cast<Duration>(std::chrono::floor<std::chrono::seconds>(from + *length));
}

Exit expect(const Arguments& arguments) {
  Exit failed{};
  const auto config = config_with_brokers(arguments.config, failed);
  if (!config) return failed;
  v1::Command command;
  Timestamp from = now();
  if (!arguments.from.empty()) {
    const auto read = parse_time(arguments.from);
    if (!read)
      return fail_with(
          {"usage", fmt::format("--from \"{}\" is no time; write 2026-12-24T18:00:00+01:00", arguments.from)});
    from = *read;
    *command.mutable_expect()->mutable_from() = to_proto(from);
  }
  const auto until = fill_span(arguments, from, *command.mutable_expect());
  if (!until) return fail_with(until.error());
  return send(*config, arguments, std::move(command), fmt::format("expected until {}", rfc3339(*until)));
}

Exit unexpect(const Arguments& arguments) {
  Exit failed{};
  const auto opened = open_store(arguments, failed);
  if (!opened) return failed;
  const auto id = opened->store.event(arguments.id);
  if (!id) return fail_with({"usage", id.error().message});
  v1::Command command;
  command.mutable_unexpect()->set_event_id(*id);
  return send(opened->config, arguments, std::move(command), fmt::format("event {} ended", *id));
}

Exit silence(const Arguments& arguments) {
  Exit failed{};
  const auto config = config_with_brokers(arguments.config, failed);
  if (!config) return failed;
  v1::Command command;
  const auto until = fill_span(arguments, now(), *command.mutable_silence());
  if (!until) return fail_with(until.error());
  return send(*config, arguments, std::move(command), fmt::format("silenced until {}", rfc3339(*until)));
}

Exit expire(const Arguments& arguments) {
  Exit failed{};
  const auto opened = open_store(arguments, failed);
  if (!opened) return failed;
  const auto id = opened->store.silence(arguments.id);
  if (!id) return fail_with({"usage", id.error().message});
  v1::Command command;
  command.mutable_expire_silence()->set_silence_id(*id);
  return send(opened->config, arguments, std::move(command), fmt::format("silence {} ended", *id));
}

}  // namespace

void register_alerts(CLI::App& root, Chosen& chosen) {
  auto* alerts = root.add_subcommand("alerts", "See what fires, acknowledge it, silence it");
  alerts->require_subcommand(1);
  const auto add = [&](const char* name, const char* about, auto run) {
    auto* command = alerts->add_subcommand(name, about);
    auto arguments = std::make_shared<Arguments>();
    command->add_option("-c,--config", arguments->config, "config file")->required()->type_name("FILE");
    command->callback([arguments, run, &chosen] { chosen.run = [arguments, run] { return run(*arguments); }; });
    return std::pair(command, arguments);
  };
  const auto add_author = [](CLI::App* command, Arguments& arguments) {
    command->add_option("--by", arguments.by, "who you are (default: the user's name here)");
    command->add_option("--comment", arguments.comment, "why, for those who read it later");
  };
  constexpr const char* kMatcher = "matchers, all of which must fit: endpoint=/chat, severity!=page, model=~gpt-.*";
  {
    const auto [command, arguments] = add("list", "Alerts that fire, by incident, the worst first", list);
    command->add_option("matcher", arguments->matchers, kMatcher);
    command->add_flag("--all", arguments->all, "those that were resolved, too");
    command->add_flag("--json", arguments->json, "print JSON, one alert a line");
  }
  {
    const auto [command, arguments] =
        add("ack", "Say that you look after an alert or an incident: it no longer escalates",
            [](const Arguments& given) { return acknowledge(given, false); });
    command->add_option("id", arguments->id, "of the alert or incident, or the beginning of it")->required();
    add_author(command, *arguments);
  }
  {
    const auto [command, arguments] =
        add("unack", "Take an acknowledgement back", [](const Arguments& given) { return acknowledge(given, true); });
    command->add_option("id", arguments->id, "of the alert or incident, or the beginning of it")->required();
    add_author(command, *arguments);
  }
  {
    const auto [command, arguments] =
        add("silence", "Tell nobody of alerts that fit, for a while; they are published, and marked", silence);
    command->add_option("matcher", arguments->matchers, kMatcher)->required();
    command->add_option("--for", arguments->length, "for how long: 30m, 2h, 3d")->required();
    add_author(command, *arguments);
  }
  {
    const auto [command, arguments] = add("silences", "Silences that go on or are to come", list_silences);
    command->add_flag("--json", arguments->json, "print JSON, one silence a line");
  }
  {
    const auto [command, arguments] =
        add("mark", "Say what an alert or incident was: false teaches its series to ask for more", mark);
    command->add_option("id", arguments->id, "of the alert or incident, or the beginning of it")->required();
    command->add_option("verdict", arguments->verdict, "false, true, or none (takes it back)")->required();
    add_author(command, *arguments);
  }
  {
    const auto [command, arguments] =
        add("budget", "False alarms of the last week, and how many are accepted", show_budget);
    command->add_flag("--json", arguments->json, "print JSON");
  }
  {
    const auto [command, arguments] =
        add("expect", "Announce a launch or a migration: what is unusual then neither alerts nor is learnt", expect);
    command->add_option("matcher", arguments->matchers, "labels of what it concerns: endpoint=/chat, model=~gpt-.*");
    command->add_option("--from", arguments->from, "its begin (default: now)")->type_name("TIME");
    command->add_option("--for", arguments->length, "for how long: 30m, 2h, 3d")->required();
    add_author(command, *arguments);
  }
  {
    const auto [command, arguments] = add("expected", "Expected events that go on or are to come", list_events);
    command->add_flag("--json", arguments->json, "print JSON, one event a line");
  }
  {
    const auto [command, arguments] = add("unexpect", "End an expected event", unexpect);
    command->add_option("id", arguments->id, "of the event, or the beginning of it")->required();
    add_author(command, *arguments);
  }
  const auto [command, arguments] = add("unsilence", "End a silence", expire);
  command->add_option("id", arguments->id, "of the silence, or the beginning of it")->required();
  add_author(command, *arguments);
}

}  // namespace tidewatch
