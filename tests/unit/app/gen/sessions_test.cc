#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "app/gen/session_label.h"
#include "app/gen/simulator.h"
#include "app/gen/trace/rewording.h"
#include "app/gen/trace/topics.h"

namespace tidewatch::gen {
namespace {

const std::string kQuestion = "Can I return shoes after 14 days?";

std::string as(Rewording rewording, uint64_t wording = 1) {
  return reworded(kQuestion, rewording, phrasebook(Language::english).insists, wording);
}

std::vector<Session> sessions_of(uint64_t seed) {
  GenOptions options;
  options.scenario = "quiet-week";
  options.hours = 4;
  options.history = 0;
  options.rate = 30;
  options.seed = seed;
  std::vector<Session> out;
  Simulator::create(options, OtlpEncoding::protobuf)
      .value()
      .run([](const Emission&) { return true; }, [&](const Session& session) { out.push_back(session); });
  return out;
}

TEST(Rewording, KeepsOrChangesTheWordsAsItsNameSays) {
  EXPECT_EQ(as(Rewording::none), kQuestion);
  EXPECT_EQ(as(Rewording::verbatim), kQuestion);
  EXPECT_NE(as(Rewording::insisting), kQuestion);
  EXPECT_NE(as(Rewording::insisting).find(kQuestion), std::string::npos);
  EXPECT_EQ(as(Rewording::edited).find(kQuestion), std::string::npos);
  EXPECT_LT(as(Rewording::edited).size(), kQuestion.size());
}

TEST(Rewording, VariesFromOneToTheNext) {
  for (const auto rewording : {Rewording::insisting, Rewording::edited}) {
    std::set<std::string> texts;
    for (uint64_t wording = 0; wording < 40; ++wording) texts.insert(as(rewording, wording));
    EXPECT_GE(texts.size(), 4u) << name_of(rewording);
  }
}

TEST(Topics, EveryQuestionHasOtherWordsWithTheSameNumber) {
  for (const Topic& topic : topics())
    for (const Fact& fact : topic.facts) {
      EXPECT_NE(fact.again, fact.question);
      EXPECT_FALSE(fact.again.empty());
      const bool has_number = fact.again.find("{n}") != std::string_view::npos;
      EXPECT_TRUE(!has_number || fact.question.find("{n}") != std::string_view::npos) << fact.again;
    }
}

TEST(Sessions, BeginWithAQuestionAndAreToldOnce) {
  std::set<std::string> ids;
  std::set<std::string> traces;
  for (const Session& session : sessions_of(1)) {
    EXPECT_TRUE(ids.insert(session.id).second) << session.id;
    ASSERT_FALSE(session.turns.empty());
    EXPECT_EQ(session.turns.front().rewording, Rewording::none);
    for (const Turn& turn : session.turns) EXPECT_TRUE(traces.insert(turn.trace_id).second);
  }
  EXPECT_GT(ids.size(), 1000u);
}

TEST(Sessions, UsersAskAgainInEveryWayAndGiveUp) {
  std::map<Rewording, size_t> turns;
  size_t given_up = 0;
  const auto sessions = sessions_of(2);
  for (const Session& session : sessions) {
    for (const Turn& turn : session.turns) ++turns[turn.rewording];
    given_up += session.is_given_up ? 1 : 0;
  }
  for (const auto rewording : {Rewording::verbatim, Rewording::insisting, Rewording::edited, Rewording::other_words})
    EXPECT_GT(turns[rewording], 10u) << name_of(rewording);
  EXPECT_GT(given_up, sessions.size() / 50);
  EXPECT_LT(given_up, sessions.size() / 5);
}

TEST(Sessions, AreLinesOfJson) {
  Session session;
  session.id = "helpdesk-s1";
  session.user = "pro-u2";
  session.is_given_up = true;
  session.turns = {{std::string(16, '\x01'), Rewording::none}, {std::string(16, '\x02'), Rewording::edited}};
  const auto line = nlohmann::json::parse(session_line(session));
  EXPECT_EQ(line["session"], "helpdesk-s1");
  EXPECT_EQ(line["given_up"], true);
  EXPECT_EQ(line["turns"][0]["trace_id"], "01010101010101010101010101010101");
  EXPECT_EQ(line["turns"][1]["rewording"], "edited");
}

}  // namespace
}  // namespace tidewatch::gen
