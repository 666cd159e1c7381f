#include "app/alerts/print_alerts.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "app/terminal_text.h"
#include "stream/publish/encoder.h"
#include "stream/publish/timestamps.h"

namespace tidewatch {
namespace {

bool is_wanted(const v1::Alert& alert, const std::vector<LabelMatcher>& matchers, bool all) {
  return (all || alert.state() == "firing") && fit(matchers, alert);
}

std::string labels_in_words(const v1::Alert& alert) {
  const std::map<std::string, std::string> sorted(alert.labels().begin(), alert.labels().end());
  std::string out;
  for (const auto& [name, value] : sorted) out += fmt::format("{}{}={}", out.empty() ? "" : ", ", name, value);
  return out;
}

std::string notes_of(const v1::Alert& alert) {
  std::string out;
  if (alert.mark().verdict() == "true") out += fmt::format("; marked as true by {}", alert.mark().by());
  if (alert.has_acknowledged()) out += fmt::format("; acknowledged by {}", alert.acknowledged().by());
  for (const auto& suppression : alert.suppressed_by()) out += "; " + suppression.why();
  return out;
}

/// A silence or an announced event: which, of whom, when, by whom and why.
template <typename Spanned>
std::string line_of(const Spanned& spanned, const std::string& id, const std::string& by, const std::string& comment,
                    Timestamp now) {
  std::string matchers;
  for (const auto& matcher : spanned.matchers())
    matchers += fmt::format("{}{}{}{}", matchers.empty() ? "" : " ", matcher.name(),
                            matcher.op().empty() ? "=" : matcher.op(), matcher.value());
  const Timestamp from = from_proto(spanned.from());
  return one_line(fmt::format("{} {}{} until {} by {}{}{}", id.substr(0, 12),
                              matchers.empty() ? "everything" : matchers, from > now ? " from " + rfc3339(from) : "",
                              rfc3339(from_proto(spanned.until())), by.empty() ? "-" : by, comment.empty() ? "" : ": ",
                              comment)) +
         "\n";
}

v1::ExpectedState state_of(const ExpectedEvent& event) {
  v1::ExpectedState out;
  out.mutable_event()->set_id(event.name);
  for (const LabelMatcher& matcher : event.match) {
    auto* added = out.mutable_event()->add_matchers();
    added->set_name(matcher.name());
    added->set_op(matcher.op());
    added->set_value(matcher.value());
  }
  *out.mutable_event()->mutable_from() = to_proto(event.from);
  *out.mutable_event()->mutable_until() = to_proto(event.until);
  out.set_by("config");
  return out;
}

/// Of the config first.
std::vector<v1::ExpectedState> all_events(const AlertStore& store, const std::vector<ExpectedEvent>& of_config) {
  std::vector<v1::ExpectedState> out;
  out.reserve(of_config.size() + store.events.size());
  for (const ExpectedEvent& event : of_config) out.push_back(state_of(event));
  out.insert(out.end(), store.events.begin(), store.events.end());
  return out;
}

}  // namespace

std::string alerts_text(const AlertStore& store, const std::vector<LabelMatcher>& matchers, bool all) {
  std::map<std::string, std::vector<const v1::Alert*>> incidents;
  for (const v1::Alert& alert : store.alerts)
    if (is_wanted(alert, matchers, all)) incidents[alert.incident_id()].push_back(&alert);
  if (incidents.empty()) return all ? "no alert\n" : "no alert fires\n";
  std::vector<std::vector<const v1::Alert*>> sorted;
  sorted.reserve(incidents.size());
  for (auto& [id, alerts] : incidents) sorted.push_back(std::move(alerts));
  const auto rank = [](const std::vector<const v1::Alert*>& alerts) {
    const bool pages =
        std::any_of(alerts.begin(), alerts.end(), [](const auto* alert) { return alert->severity() == "page"; });
    return std::tuple(!pages, from_proto(alerts.front()->starts_at()), alerts.front()->incident_id());
  };
  std::sort(sorted.begin(), sorted.end(), [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  std::string out;
  for (const auto& alerts : sorted) {
    const bool pages = !std::get<0>(rank(alerts));
    out += fmt::format("{} incident {} since {}, {} {}\n", pages ? "PAGE  " : "ticket", alerts.front()->incident_id(),
                       rfc3339(from_proto(alerts.front()->starts_at())), alerts.size(),
                       alerts.size() == 1 ? "alert" : "alerts");
    for (const v1::Alert* alert : alerts) {
      out += one_line(fmt::format("  {} {} {} on {} ({}{})", alert->id().substr(0, 12), alert->severity(),
                                  alert->measure(), labels_in_words(*alert), alert->state(), notes_of(*alert)));
      out += "\n    " + one_line(alert->why()) + "\n";
      if (!alert->runbook().empty()) out += "    what to do: " + one_line(alert->runbook()) + "\n";
    }
  }
  return out;
}

std::string alerts_json(const AlertStore& store, const std::vector<LabelMatcher>& matchers, bool all) {
  std::string out;
  for (const v1::Alert& alert : store.alerts)
    if (is_wanted(alert, matchers, all)) out += encode(alert, WireFormat::json) + "\n";
  return out;
}

std::string silences_text(const AlertStore& store, Timestamp now) {
  std::string out;
  for (const v1::SilenceState& state : store.silences) {
    const Timestamp until = from_proto(state.silence().until());
    if (until <= now) continue;
    out += line_of(state.silence(), state.silence().id(), state.by(), state.comment(), now);
  }
  return out.empty() ? "no silence\n" : out;
}

std::string silences_json(const AlertStore& store) {
  std::string out;
  for (const v1::SilenceState& state : store.silences) out += encode(state, WireFormat::json) + "\n";
  return out;
}

std::string events_text(const AlertStore& store, const std::vector<ExpectedEvent>& of_config, Timestamp now) {
  std::string out;
  for (const v1::ExpectedState& state : all_events(store, of_config))
    if (from_proto(state.event().until()) > now)
      out += line_of(state.event(), state.event().id(), state.by(), state.comment(), now);
  return out.empty() ? "no expected event\n" : out;
}

std::string events_json(const AlertStore& store, const std::vector<ExpectedEvent>& of_config) {
  std::string out;
  for (const v1::ExpectedState& state : all_events(store, of_config)) out += encode(state, WireFormat::json) + "\n";
  return out;
}

}  // namespace tidewatch
