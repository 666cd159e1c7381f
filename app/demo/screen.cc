#include "app/demo/screen.h"

#include <fmt/chrono.h>
#include <fmt/color.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string_view>
#include <utility>
#include <vector>

#include "app/backtest/causes.h"
#include "stream/publish/timestamps.h"

namespace tidewatch {
namespace {

constexpr size_t kMinColumns = 80;
constexpr size_t kMaxColumns = 120;
constexpr size_t kColumnsElsewhere = 100;
constexpr auto kBetweenDraws = std::chrono::milliseconds(100);

size_t columns_of_terminal() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kColumnsElsewhere;
  return std::clamp<size_t>(size.ws_col, kMinColumns, kMaxColumns);
}

std::string clock_of(Timestamp at) {
  return fmt::format("{:%a %H:%M}", fmt::gmtime(std::chrono::floor<std::chrono::seconds>(at)));
}

/// Lines of at most `width` characters, broken at spaces.
std::vector<std::string> wrapped(std::string_view text, size_t width) {
  std::vector<std::string> lines;
  while (text.size() > width) {
    const size_t space = text.rfind(' ', width);
    const size_t cut = space == std::string_view::npos || space == 0 ? width : space;
    lines.emplace_back(text.substr(0, cut));
    text.remove_prefix(std::min(text.size(), cut + (space == cut ? 1 : 0)));
  }
  lines.emplace_back(text);
  return lines;
}

std::string indented(std::string_view text, size_t indent, size_t columns) {
  std::string out;
  for (const auto& line : wrapped(text, columns - indent)) out += fmt::format("{:{}}{}\n", "", indent, line);
  return out;
}

/// "shop-assistant /chat gpt-4o": from the general to the special, and what is left.
std::string entity_of(const v1::Alert& alert) {
  std::string out;
  const auto& labels = alert.labels();
  const std::string_view order[] = {"service", "endpoint", "model", "prompt_version"};
  for (const auto name : order)
    if (const auto found = labels.find(std::string(name)); found != labels.end())
      out += (out.empty() ? "" : " ") + found->second;
  std::vector<std::string> rest;
  for (const auto& [name, value] : labels)
    if (std::find(std::begin(order), std::end(order), name) == std::end(order))
      rest.push_back(fmt::format("{}={}", name, value));
  std::sort(rest.begin(), rest.end());
  for (const auto& one : rest) out += (out.empty() ? "" : " ") + one;
  return out;
}

fmt::text_style style_of_severity(std::string_view severity) {
  return severity == "page" ? fmt::emphasis::bold | fg(fmt::terminal_color::red) : fg(fmt::terminal_color::yellow);
}

std::string delay_of(const IncidentFound& incident) {
  if (!incident.delay) return "-";
  const auto minutes = std::llround(to_seconds(*incident.delay) / 60);
  return minutes < 60 ? fmt::format("{} min", minutes) : fmt::format("{} h {:02} m", minutes / 60, minutes % 60);
}

struct Verdict {
  std::string word;
  fmt::text_style style;
};

Verdict verdict_of(const IncidentFound& incident) {
  const bool is_found = incident.first != nullptr;
  const auto good = fg(fmt::terminal_color::green);
  const auto bad = fmt::emphasis::bold | fg(fmt::terminal_color::red);
  if (incident.label.is_alert_expected) return is_found ? Verdict{"yes", good} : Verdict{"NO", bad};
  return is_found ? Verdict{"ALARM", bad} : Verdict{"quiet", good};
}

/// "provider", and where the label says otherwise that too: "unknown (data)".
Verdict cause_of(const IncidentFound& incident) {
  const v1::AlertCause* named = named_cause(incident);
  if (!incident.label.is_alert_expected || named == nullptr) return {"-", {}};
  const std::string& kind = incident.label.kind;
  const auto style = is_cause_of(kind, named->kind()) ? fg(fmt::terminal_color::green)
                     : named->kind() == "unknown"     ? fg(fmt::terminal_color::yellow)
                                                      : fmt::emphasis::bold | fg(fmt::terminal_color::red);
  return {fmt::format("{} ({})", named->kind(), kind), style};
}

}  // namespace

DemoScreen::DemoScreen() : is_terminal_(isatty(STDOUT_FILENO) != 0), columns_(columns_of_terminal()) {}

std::string DemoScreen::styled(const fmt::text_style& style, std::string_view text) const {
  return is_terminal_ ? fmt::format(style, "{}", text) : std::string(text);
}

void DemoScreen::begin(const gen::Scenario& scenario) {
  judged_from_ = scenario.start;
  const auto events = std::count_if(scenario.incidents.begin(), scenario.incidents.end(),
                                    [](const auto& incident) { return incident.expect_alert; });
  const double history = to_seconds(scenario.start - scenario.history_start) / 3600;
  const double hours = to_seconds(scenario.end - scenario.start) / 3600;
  fmt::print("{}\n{}\n", styled(fmt::emphasis::bold, "Tidewatch demo"),
             indented(fmt::format("Three simulated services answer users with language models: {:.0f} quiet hours to "
                                  "learn from, then {:.0f} hours with {} incidents to find and {} harmless events to "
                                  "keep quiet about. Their OpenTelemetry spans go to Kafka topics; observe, assemble "
                                  "and detect read and write topics as they do in production; alerts are read from "
                                  "tidewatch.alerts. All in this process.",
                                  history, hours, events, scenario.incidents.size() - static_cast<size_t>(events)),
                      0, columns_));
  fmt::print("{}\n", styled(fmt::emphasis::faint,
                            indented("The broker is librdkafka's mock cluster, embedded: it shows the flow and proves "
                                     "nothing about delivery. Times are simulated, in UTC.",
                                     0, columns_)));
  std::fflush(stdout);
}

void DemoScreen::clear_progress() {
  if (!is_terminal_) return;
  fmt::print("\r\033[K");
  std::fflush(stdout);
}

void DemoScreen::progress(const DemoProgress& progress) {
  constexpr int kWidth = 20;
  if (!is_terminal_ || Clock::now() - drawn_ < kBetweenDraws) return;
  drawn_ = Clock::now();
  const int full = static_cast<int>(std::clamp(progress.done, 0.0, 1.0) * kWidth);
  std::string line = fmt::format("{} [{:#<{}}{:.<{}}] {:3.0f} %", clock_of(progress.at), "", full, "", kWidth - full,
                                 progress.done * 100);
  if (progress.at < judged_from_)
    line += "  learning what is normal";
  else if (!progress.quality.empty())
    line += "  quality";
  if (progress.at >= judged_from_)
    for (const auto& [service, index] : progress.quality) line += fmt::format("  {} {:.0f}", service, index);
  line.resize(std::min(line.size(), columns_ - 1));
  fmt::print("\r\033[K{}", styled(fg(fmt::terminal_color::cyan), line));
  std::fflush(stdout);
}

void DemoScreen::alert(const v1::Alert& alert) {
  constexpr size_t kIndent = 11;
  if (alert.transition() == "resolved") return;
  const bool is_first = !told_.contains(alert.incident_id());
  Told& told = told_[alert.incident_id()];
  const bool is_new_measure = told.measures.insert(alert.measure()).second;
  const bool begins_to_page =
      alert.severity() == "page" && !std::exchange(told.is_page, told.is_page || alert.severity() == "page");
  if (!is_new_measure && !begins_to_page) return;
  clear_progress();
  drawn_ = {};
  std::string head = fmt::format("  {}  {}", entity_of(alert), alert.measure());
  if (!is_first && begins_to_page) head += "  (now a page)";
  head.resize(std::min(head.size(), columns_ - kIndent - 6));
  const auto at = clock_of(from_proto(alert.observed_at()));
  const auto severity = styled(style_of_severity(alert.severity()), fmt::format("{:<6}", alert.severity()));
  if (is_first) {
    fmt::print("{}  {}{}\n{}", at, severity, styled(fmt::emphasis::bold, head),
               indented(alert.why(), kIndent + 8, columns_));
  } else {
    fmt::print("{}  {}{}\n", styled(fmt::emphasis::faint, at), severity, styled(fmt::emphasis::faint, head));
  }
  std::fflush(stdout);
}

std::string DemoScreen::table(const Assessment& assessment) const {
  constexpr size_t kIndent = 4;
  std::string out = styled(fmt::emphasis::bold, fmt::format("{:<20}{:<7}{:<11}{:<10}{}", "incident", "found", "delay",
                                                            "severity", "likeliest cause (true one)"));
  out += '\n' + std::string(columns_, '-') + '\n';
  for (const auto& incident : assessment.incidents) {
    const auto verdict = verdict_of(incident);
    const bool is_found = incident.first != nullptr;
    const auto cause = cause_of(incident);
    out += fmt::format("{:<20}{}{:<11}{}{}\n", incident.label.incident,
                       styled(verdict.style, fmt::format("{:<7}", verdict.word)), delay_of(incident),
                       is_found ? styled(style_of_severity(incident.severity), fmt::format("{:<10}", incident.severity))
                                : fmt::format("{:<10}", "-"),
                       styled(cause.style, cause.word));
    out += indented(is_found ? incident.first->why() : incident.label.why, kIndent, columns_);
    // The alert that names the cause may be a later one.
    const v1::AlertCause* named = named_cause(incident);
    if (named != nullptr && named->kind() != incident.first->cause().kind())
      out += indented("Later: " + named->why(), kIndent, columns_);
  }
  return out;
}

void DemoScreen::report(const DemoReport& report) {
  const auto& assessment = report.assessment;
  fmt::print("\n{}\n", table(assessment));
  const bool is_all = assessment.found() == assessment.expected();
  fmt::print("{}; ", styled(fg(is_all ? fmt::terminal_color::green : fmt::terminal_color::red),
                            fmt::format("{} of {} incidents found", assessment.found(), assessment.expected())));
  if (assessment.false_alerts.empty())
    fmt::print("{}\n", styled(fg(fmt::terminal_color::green), "no false alarms"));
  else
    fmt::print("{}\n", styled(fg(fmt::terminal_color::red),
                              fmt::format("{} false alarms ({} alerts)", assessment.false_incidents,
                                          assessment.false_alerts.size())));
  for (const v1::Alert* alert : assessment.false_alerts)
    fmt::print("  {}  {}\n{}", clock_of(from_proto(alert->observed_at())), entity_of(*alert),
               indented(alert->why(), 13, columns_));
  const CauseScore causes = score_causes(assessment);
  fmt::print("the cause that is named is the true one in {} of {} incidents, and unknown in {}\n", causes.right(),
             causes.incidents(), causes.unknown());
  fmt::print("{} spans in {} messages, {} requests, {:.0f} s\n", report.spans, report.messages, report.requests,
             report.seconds);
  if (report.losses.empty()) {
    fmt::print("every span sent was counted, every record written was read\n");
    return;
  }
  std::fflush(stdout);
  fmt::print(stderr, "the embedded broker lost records; what is above is worth nothing:\n");
  for (const auto& loss : report.losses) fmt::print(stderr, "  {}\n", loss);
}

}  // namespace tidewatch
