#include <fmt/format.h>

#include "app/config/tables.h"
#include "stream/ingest/findings/json_object.h"
#include "stream/publish/timestamps.h"

namespace tidewatch::config {
namespace {

using namespace std::chrono_literals;

template <typename Member>
auto alert(Member AlertOptions::*member) {
  return at(&Config::alert, member);
}

template <typename Member>
auto incidents(Member IncidentOptions::*member) {
  return at(&Config::alert, &AlertOptions::incidents, member);
}

Type<LabelMatcher> alert_matcher() {
  return scalar<LabelMatcher>(
      text_like(R"([^=!]+(=|!=|=~|!~)(.|\n)*)", "").schema, "a matcher, as in severity=page or endpoint=~\"/rag/.*\"",
      [](const std::string& text) -> Result<LabelMatcher> {
        auto made = LabelMatcher::parse(text);
        if (!made) return Error{"bad_value", "is no matcher: " + made.error().message};
        return made;
      },
      [](const LabelMatcher& matcher) -> Json { return matcher.text(); });
}

const Table<InhibitRule>& inhibit_table() {
  static const Table<InhibitRule> table = {
      .keys = {required(key<InhibitRule>("source", at(&InhibitRule::source), alert_matchers(),
                                         "alerts that stand for others while they fire")),
               required(key<InhibitRule>("target", at(&InhibitRule::target), alert_matchers(),
                                         "alerts that nobody is told of meanwhile")),
               key<InhibitRule>("equal", at(&InhibitRule::equal), list_of(text(), "a list of labels"),
                                "labels, or `incident`, that both must have alike")},
      .more = {},
      .refused = {}};
  return table;
}

const Table<Runbook>& runbook_table() {
  static const Table<Runbook> table = {
      .keys = {required(key<Runbook>("match", at(&Runbook::match), alert_matchers(), "which alerts")),
               required(key<Runbook>("url", at(&Runbook::url), text(), "what to do: a link"))},
      .more = {},
      .refused = {}};
  return table;
}

/// An instant, as text.
Type<Timestamp> instant() {
  return scalar<Timestamp>(
      {{"type", "string"}, {"format", "date-time"}}, "a time, as in 2026-12-24T18:00:00+01:00",
      [](const std::string& text) -> Result<Timestamp> {
        auto read = parse_time(text);
        if (!read) return Error{"bad_value", fmt::format("\"{}\" is no time; write 2026-12-24T18:00:00+01:00", text)};
        return read;
      },
      [](const Timestamp& time) -> Json { return rfc3339(time); });
}

const Table<ExpectedEvent>& expected_event_table() {
  static const Table<ExpectedEvent> table = {
      .keys = {required(key<ExpectedEvent>("name", at(&ExpectedEvent::name), text(), "what it is, for people")),
               key<ExpectedEvent>("match", at(&ExpectedEvent::match), alert_matchers(),
                                  "labels of the entities that it concerns; all when not written"),
               required(key<ExpectedEvent>("from", at(&ExpectedEvent::from), instant(), "its begin")),
               required(key<ExpectedEvent>("until", at(&ExpectedEvent::until), instant(), "its end"))},
      .more = {},
      .refused = {}};
  return table;
}

Type<ExpectedEvent> expected_event() {
  auto out = record(expected_event_table());
  const auto read = out.read;
  out.read = [read](Reader& reader, const Place& place) -> std::optional<ExpectedEvent> {
    auto event = read(reader, place);
    if (event && event->until <= event->from) {
      reader.error(place, fmt::format("\"{}\" ends before it begins: from {} until {}", event->name,
                                      rfc3339(event->from), rfc3339(event->until)));
      return std::nullopt;
    }
    return event;
  };
  return out;
}

}  // namespace

Type<std::vector<LabelMatcher>> alert_matchers() {
  return list_of(alert_matcher(), "a list of matchers, as in [measure=error_rate, endpoint=~/rag/.*]", 1);
}

Key<Config> alerts_key() {
  const Table<Config> incident_keys{
      .keys = {key<Config>("near", incidents(&IncidentOptions::near), duration(1s, 24h),
                           "alerts of one service that start no further apart are one incident"),
               key<Config>("same_place", incidents(&IncidentOptions::same_place), duration(1s, 24h * 7),
                           "the same for alerts of the same entity, or of one that encloses the other"),
               key<Config>("reopen", incidents(&IncidentOptions::reopen), duration(0s, 24h * 7),
                           "an incident may go on for so long after its last alert was resolved"),
               key<Config>("shared", incidents(&IncidentOptions::shared), list_of(text(), "a list of labels"),
                           "what services share: alerts of several services whose likeliest cause is the model or the "
                           "provider are one incident where these labels are the same")},
      .more = {},
      .refused = {}};
  return section<Config>(
      "alerts",
      Table<Config>{
          .keys = {section<Config>("incidents", incident_keys, "which alerts belong together"),
                   key<Config>("escalate_after", alert(&AlertOptions::escalate_after), maybe(duration(1min, 24h * 30)),
                               "a ticket that fires for so long becomes a page unless somebody acknowledges it; never "
                               "when not written"),
                   key<Config>("inhibit", alert(&AlertOptions::inhibit),
                               list_of(record(inhibit_table()), "a list of {source, target, equal}"),
                               "alerts that others stand for"),
                   key<Config>("runbooks", alert(&AlertOptions::runbooks),
                               list_of(record(runbook_table()), "a list of {match, url}"),
                               "what to do: the link of the first entry that fits stands in the alert"),
                   key<Config>("expected", at(&Config::detect, &DetectOptions::expected_events),
                               list_of(expected_event(), "a list of {name, match, from, until}"),
                               "launches, sales, migrations: what the entities show meanwhile raises no alert and is "
                               "not learnt, but for safety")},
          .more = {},
          .refused = {}},
      "what becomes of alerts: incidents, escalation, inhibition, runbooks, expected events");
}

}  // namespace tidewatch::config
