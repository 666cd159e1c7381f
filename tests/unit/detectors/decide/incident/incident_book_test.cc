#include "detectors/decide/incident/incident_book.h"

#include <gmock/gmock.h>

#include "detectors/decide/ids.h"

namespace tidewatch {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

Timestamp at(Duration since) { return Timestamp(std::chrono::hours(24 * 365 * 56)) + since; }

IncidentAlert alert(std::string id, Scope scope, Duration start, std::string cause = "") {
  IncidentAlert out;
  out.id = std::move(id);
  out.scope = std::move(scope);
  out.starts_at = at(start);
  out.surprise = 20;
  out.cause = std::move(cause);
  return out;
}

// NOLINTBEGIN(bugprone-throwing-static-initialization): a test that cannot begin fails
const Scope kShop = {{"service", "shop"}};
const Scope kChat = {{"service", "shop"}, {"endpoint", "/chat"}};
const Scope kSearch = {{"service", "shop"}, {"endpoint", "/search"}};
const Scope kDesk = {{"service", "desk"}};
// NOLINTEND(bugprone-throwing-static-initialization)

TEST(IncidentBook, AnAlertBeginsAnIncidentOfItsOwn) {
  IncidentBook book;
  const Incident& incident = book.add(alert("a", kShop, 0min));
  EXPECT_EQ(incident.id, incident_id("a"));
  EXPECT_EQ(incident.scope(), kShop);
  EXPECT_EQ(incident.open_members(), 1u);
  EXPECT_EQ(book.of_alert("a"), &incident);
  EXPECT_EQ(book.of_alert("b"), nullptr);
}

TEST(IncidentBook, TheSamePlaceBelongsTogetherForHours) {
  IncidentBook book;
  book.add(alert("a", kShop, 0min));
  EXPECT_EQ(book.add(alert("b", kChat, 110min)).id, incident_id("a")) << "an endpoint of it";
  EXPECT_EQ(book.add(alert("c", kShop, 300min)).id, incident_id("c")) << "too far from any";
}

TEST(IncidentBook, AlertsOfBudgetsAreIncidentsOfTheirOwn) {
  IncidentBook book;
  book.add(alert("a", kChat, 0min));
  IncidentAlert spent = alert("b", kChat, 5min);
  spent.is_of_budget = true;
  EXPECT_EQ(book.add(spent).id, incident_id("b"));
  EXPECT_EQ(book.add(alert("c", kChat, 10min)).id, incident_id("a"));
  IncidentAlert more = alert("d", kChat, 15min);
  more.is_of_budget = true;
  EXPECT_EQ(book.add(more).id, incident_id("b"));
}

TEST(IncidentBook, OtherPlacesOfAServiceBelongTogetherWhenTheyBeginTogether) {
  IncidentBook book;
  book.add(alert("a", kChat, 0min));
  EXPECT_EQ(book.add(alert("b", kSearch, 15min)).id, incident_id("a"));
  EXPECT_EQ(book.add(alert("c", {{"service", "shop"}, {"endpoint", "/cart"}}, 50min)).id, incident_id("c"));
}

TEST(IncidentBook, ServicesBelongTogetherOnlyByASharedCause) {
  IncidentBook book;
  book.add(alert("a", {{"service", "shop"}, {"model", "gpt-x"}}, 0min, "model"));
  book.add(alert("b", {{"service", "desk"}, {"model", "gpt-x"}}, 5min, "model"));
  book.add(alert("c", {{"service", "docs"}, {"model", "other"}}, 5min, "model"));
  book.add(alert("d", {{"service", "mail"}, {"model", "gpt-x"}}, 5min, "prompt"));
  EXPECT_EQ(book.of_alert("b")->id, incident_id("a"));
  EXPECT_EQ(book.of_alert("b")->scope(), (Scope{{"model", "gpt-x"}})) << "the model, not the services";
  EXPECT_EQ(book.of_alert("c")->id, incident_id("c"));
  EXPECT_EQ(book.of_alert("d")->id, incident_id("d"));
}

TEST(IncidentBook, AProviderIsSharedWithoutALabelThatNamesIt) {
  IncidentBook book;
  book.add(alert("a", kShop, 0min, "provider"));
  EXPECT_EQ(book.add(alert("b", kDesk, 5min, "provider")).id, incident_id("a"));
  EXPECT_THAT(book.of_alert("b")->scope(), IsEmpty());
  EXPECT_EQ(book.add(alert("c", {{"service", "docs"}}, 5min)).id, incident_id("c")) << "its cause is not known";
}

TEST(IncidentBook, TheNearestIncidentIsJoined) {
  IncidentBook book;
  book.add(alert("a", kSearch, 0min));
  book.add(alert("b", kChat, 60min));
  EXPECT_EQ(book.add(alert("c", {{"service", "shop"}, {"endpoint", "/chat"}, {"model", "m"}}, 15min)).id,
            incident_id("b"))
      << "the same endpoint is nearer than the same quarter of an hour";
}

TEST(Incident, IsNamedByWhatItsMostSpecificAlertsHaveInCommon) {
  IncidentBook book;
  book.add(alert("service", kShop, 0min));
  book.add(alert("chat", kChat, 0min));
  EXPECT_EQ(book.of_alert("chat")->scope(), kChat) << "the service alerts because its endpoint does";
  book.add(alert("model", {{"service", "shop"}, {"model", "m"}}, 0min));
  book.add(alert("chat model", {{"service", "shop"}, {"endpoint", "/chat"}, {"model", "m"}}, 0min));
  book.add(alert("search model", {{"service", "shop"}, {"endpoint", "/search"}, {"model", "m"}}, 0min));
  EXPECT_EQ(book.of_alert("chat")->scope(), (Scope{{"service", "shop"}, {"model", "m"}}))
      << "one model on all endpoints, not every endpoint";
}

TEST(Incident, TheAlertToReadFirstPagesThenIsThePlaceThenSurprises) {
  IncidentBook book;
  IncidentAlert surprising = alert("surprising", kShop, 0min);
  surprising.surprise = 90;
  book.add(surprising);
  book.add(alert("chat", kChat, 0min));
  EXPECT_EQ(book.of_alert("chat")->leading(), "chat");
  IncidentAlert page = alert("page", kShop, 0min);
  page.severity = Severity::page;
  book.add(page);
  EXPECT_EQ(book.of_alert("chat")->leading(), "page");
  EXPECT_EQ(book.of_alert("chat")->severity(), Severity::page);
}

TEST(IncidentBook, EndsWithItsLastAlertAndMayGoOnForAWhile) {
  IncidentBook book;
  book.add(alert("a", kShop, 0min));
  book.add(alert("b", kChat, 5min));
  EXPECT_EQ(book.resolve(alert("a", kShop, 0min), at(20min))->ended_at(), std::nullopt);
  EXPECT_EQ(book.resolve(alert("b", kChat, 5min), at(30min))->ended_at(), at(30min));
  EXPECT_EQ(book.resolve(alert("unknown", kChat, 5min), at(30min)), nullptr);
  EXPECT_THAT(book.forget(at(60min)), IsEmpty());
  EXPECT_EQ(book.add(alert("c", kChat, 59min)).id, incident_id("a"));
  EXPECT_EQ(book.of_alert("c")->ended_at(), std::nullopt) << "it goes on";
  book.resolve(alert("c", kChat, 59min), at(70min));
  EXPECT_THAT(book.forget(at(101min)), UnorderedElementsAre("a", "b", "c"));
  EXPECT_THAT(book.incidents(), IsEmpty());
  EXPECT_EQ(book.add(alert("d", kChat, 102min)).id, incident_id("d"));
}

TEST(IncidentBook, WhatEndedLongAgoIsNotJoinedEvenBeforeItIsForgotten) {
  IncidentBook book;
  book.add(alert("a", kShop, 0min));
  book.resolve(alert("a", kShop, 0min), at(10min));
  EXPECT_EQ(book.add(alert("b", kShop, 41min)).id, incident_id("b"));
}

TEST(IncidentBook, ARestoredOneGoesOnAsBefore) {
  IncidentBook book;
  book.add(alert("a", kShop, 0min));
  book.add(alert("b", kChat, 5min));
  book.resolve(alert("a", kShop, 0min), at(20min));
  IncidentBook restored;
  restored.restore(alert("b", kChat, 5min), incident_id("a"), std::nullopt);
  restored.restore(alert("a", kShop, 0min), incident_id("a"), at(20min));
  for (IncidentBook* one : {&book, &restored}) {
    const Incident& incident = one->add(alert("c", kSearch, 15min));
    EXPECT_EQ(incident.id, incident_id("a"));
    EXPECT_EQ(incident.scope(), kShop);
    EXPECT_EQ(incident.open_members(), 2u);
    EXPECT_EQ(incident.starts_at(), at(0min));
  }
}

TEST(IncidentBook, AnAlertThatChangesStaysWhereItIs) {
  IncidentBook book;
  IncidentAlert one = alert("a", kShop, 0min);
  book.add(one);
  one.severity = Severity::page;
  EXPECT_EQ(book.add(one).severity(), Severity::page);
  EXPECT_EQ(book.add(one).members.size(), 1u);
  EXPECT_EQ(book.place(one), incident_id("a"));
}

}  // namespace
}  // namespace tidewatch
