#include "stream/evaluate/judge/judge.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "stream/assemble/sampler.h"
#include "tests/fake_model/fake_model_server.h"
#include "tests/fake_model/fake_surroundings.h"

namespace tidewatch {
namespace {

using namespace std::chrono_literals;
using fake_model::completion;
using fake_model::fails;
using fake_model::FakeCall;
using fake_model::FakeModelServer;
using fake_model::FakeReply;
using fake_model::FakeSurroundings;
using fake_model::says;
using fake_model::with_fault;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

constexpr const char* kGood = R"({"reason": "to the point", "score": 4})";

ChosenRequest chosen(int number, std::optional<double> probability = 0.1, Timestamp period = {}) {
  ChosenRequest out;
  out.request.set_trace_id(fmt::format("trace {:010}", number));
  out.request.set_rate(0.1);
  out.request.set_period_unix_nano(period.time_since_epoch().count());
  out.probability = probability;
  return out;
}

JudgedTexts texts(const std::string& answer = "Blue.") {
  return {.question = "Which colour?", .documents = {}, .answer = answer, .other_answer = {}};
}

std::string prompt_of(const FakeCall& call) {
  const auto body = nlohmann::json::parse(call.body);
  std::string out;
  for (const auto& message : body["messages"]) out += message["content"].get<std::string>() + "\n";
  return out;
}

class JudgeTest : public ::testing::Test {
 protected:
  static JudgeOptions relevance() {
    JudgeOptions out;
    out.rules = {{.name = "to_the_point", .rubric = "relevance", .pass_from = 0, .where = {}, .share = 1}};
    return out;
  }
  Judge& judge(const FakeModelServer& server, JudgeOptions options = relevance()) {
    options.chat.url = server.url();
    options.chat.model = "fake-model";
    options.chat.timeout = std::min<Duration>(options.chat.timeout, 10s);
    auto made = Judge::make(std::move(options), surroundings_.given());
    if (!made) throw std::runtime_error(made.error().message);
    judge_ = std::move(made).value();
    return *judge_;
  }
  /// Polls until nothing is pending or so much time has passed.
  std::vector<JudgedRequest> all(Duration most = 1h, Duration step = 100ms) {
    std::vector<JudgedRequest> out;
    const Duration end = surroundings_.time() + most;
    while (judge_->pending() > 0 && surroundings_.time() < end) {
      for (auto& one : judge_->poll(2ms)) out.push_back(std::move(one));
      surroundings_.advance(step);
    }
    return out;
  }
  JudgedRequest only() {
    auto out = all();
    EXPECT_THAT(out, SizeIs(1));
    return std::move(out.at(0));
  }

  FakeSurroundings surroundings_;
  std::unique_ptr<Judge> judge_;
};

TEST_F(JudgeTest, JudgesByARubric) {
  FakeModelServer server({says(kGood)});
  judge(server).submit(texts(), {}, chosen(1));
  const JudgedRequest done = only();
  EXPECT_TRUE(done.was_judged()) << done.unjudged;
  EXPECT_EQ(done.score, 0.75);
  EXPECT_TRUE(done.has_passed);
  EXPECT_EQ(done.reason, "to the point");
  EXPECT_EQ(done.evaluator, "fake-model/relevance@1");
  EXPECT_EQ(done.probability, 0.1);
  const auto event = to_event(done);
  EXPECT_EQ(event.name(), "to_the_point");
  EXPECT_EQ(event.evaluator(), "fake-model/relevance@1");
  EXPECT_EQ(event.inclusion_probability(), 0.1);
  EXPECT_EQ(event.score(), 0.75);
  EXPECT_THAT(prompt_of(server.calls().at(0)), HasSubstr("Which colour?"));
}

TEST_F(JudgeTest, AskedForLessThanTheRubricOrMore) {
  FakeModelServer server({says(kGood)});
  JudgeOptions options = relevance();
  options.rules[0].pass_from = 5;
  judge(server, options).submit(texts(), {}, chosen(1));
  EXPECT_FALSE(only().has_passed);
}

TEST_F(JudgeTest, TheServerNeverSeesPersonalDataOrSecrets) {
  FakeModelServer server({says(R"({"reason": "names jane.doe@corp.com", "score": 1})")});
  JudgedTexts given = texts("Write to jane.doe@corp.com, card 4556 7375 8689 9855, key AKIAIOSFODNN7EXAMPLX.");
  given.question = "My number is +47 22 85 50 50, mail bob.smith@corp.com";
  given.documents = {"password=Zk3vQ9xLm2Tr8Wp5"};
  judge(server).submit(given, {}, chosen(1));
  EXPECT_EQ(only().reason, "names [email]");
  const std::string prompt = prompt_of(server.calls().at(0));
  for (const auto* private_text : {"jane.doe", "bob.smith", "4556 7375", "22 85 50", "Zk3vQ9xLm2Tr8Wp5"})
    EXPECT_THAT(prompt, Not(HasSubstr(private_text)));
  EXPECT_THAT(prompt, HasSubstr("[email]"));
}

TEST_F(JudgeTest, RepairsOnceByAskingAgain) {
  FakeModelServer server({says("I would give it a 4."), says(kGood)});
  judge(server).submit(texts(), {}, chosen(1));
  const JudgedRequest done = only();
  EXPECT_TRUE(done.was_judged());
  EXPECT_TRUE(done.was_repaired);
  EXPECT_EQ(judge_->counts().repaired, 1);
  ASSERT_THAT(server.calls(), SizeIs(2));
  EXPECT_THAT(prompt_of(server.calls()[1]), HasSubstr("it holds no JSON object"));
}

TEST_F(JudgeTest, AnswersThatStayUnreadableAreUnjudged) {
  for (const auto* nonsense : {"blah", R"({"score": "high"})", R"({"score": 9})", "{\"reason\": \"half", ""}) {
    FakeModelServer server({says(nonsense)});
    judge(server).submit(texts(), {}, chosen(1));
    EXPECT_EQ(only().unjudged, "unreadable") << nonsense;
    EXPECT_THAT(server.calls(), SizeIs(2)) << "asked once more, and not again";
  }
}

TEST_F(JudgeTest, FencesDoNotMatter) {
  FakeModelServer server({says(std::string("```json\n") + kGood + "\n```")});
  judge(server).submit(texts(), {}, chosen(1));
  EXPECT_TRUE(only().was_judged());
  EXPECT_THAT(server.calls(), SizeIs(1));
}

TEST_F(JudgeTest, RefusalsCutOffAnswersAndRefusedRequestsAreNamed) {
  const std::vector<std::pair<FakeReply, std::string>> cases = {
      {{.status = 200, .body = R"({"choices":[{"message":{"refusal":"no"}}]})", .headers = {}}, "refused"},
      {{.status = 200, .body = completion("{\"reason\": \"so long", 10, 500, "length"), .headers = {}}, "cut_off"},
      {fails(400, "context length exceeded"), "bad_request"},
      {{.status = 200, .body = completion(std::string(2'000'000, 'x')), .headers = {}}, "too_large"}};
  for (const auto& [reply, code] : cases) {
    FakeModelServer server({reply});
    judge(server).submit(texts(), {}, chosen(1));
    EXPECT_EQ(only().unjudged, code);
    EXPECT_THAT(server.calls(), SizeIs(1));
  }
}

TEST_F(JudgeTest, WhatIsNotThereIsNotApplicable) {
  FakeModelServer server({says(kGood)});
  JudgeOptions options = relevance();
  options.rules[0].rubric = "faithfulness";
  judge(server, options).submit(texts(), {}, chosen(1));
  JudgedRequest done = only();
  EXPECT_EQ(done.unjudged, "not_applicable");
  EXPECT_EQ(done.reason, "nothing was retrieved");
  judge_->submit(texts(""), {}, chosen(2));
  EXPECT_EQ(only().reason, "the answer is empty");
  EXPECT_THAT(server.calls(), SizeIs(0));
}

TEST_F(JudgeTest, LabelsAndSharesSayWhatFallsToAJudge) {
  FakeModelServer server({says(kGood)});
  JudgeOptions options = relevance();
  options.rules.push_back({.name = "some", .rubric = "helpfulness", .pass_from = 0, .where = {}, .share = 0.25});
  options.rules.push_back(
      {.name = "invest", .rubric = "tone", .pass_from = 0, .where = {{"endpoint", {"/invest/*"}}}, .share = 1});
  options.chat.concurrency = 50;
  judge(server, options);
  for (int i = 0; i < 400; ++i) judge_->submit(texts(), {{"endpoint", i < 10 ? "/invest/a" : "/b"}}, chosen(i));
  std::map<std::string, int> counts;
  for (const JudgedRequest& one : all()) {
    ++counts[one.judge];
    EXPECT_DOUBLE_EQ(one.probability.value(), one.judge == "some" ? 0.025 : 0.1);
  }
  EXPECT_EQ(counts["to_the_point"], 400);
  EXPECT_EQ(counts["invest"], 10);
  EXPECT_NEAR(counts["some"], 100, 4 * std::sqrt(400 * 0.25 * 0.75));
}

TEST_F(JudgeTest, TheSameTextsCostOnce) {
  FakeModelServer server({says(kGood)});
  JudgeOptions options = relevance();
  options.chat.price = ChatPrice{.input = 1'000, .output = 0};
  judge(server, options).submit(texts(), {}, chosen(1));
  EXPECT_DOUBLE_EQ(only().spent_usd, 0.1);
  judge_->submit(texts(), {}, chosen(2));
  const JudgedRequest again = only();
  EXPECT_TRUE(again.is_from_cache);
  EXPECT_EQ(again.score, 0.75);
  EXPECT_EQ(again.spent_usd, 0);
  judge_->submit(texts("Red."), {}, chosen(3));
  EXPECT_FALSE(only().is_from_cache);
  EXPECT_EQ(judge_->counts().cache_hits, 1);
  EXPECT_THAT(server.calls(), SizeIs(2));
}

TEST_F(JudgeTest, ACacheFileOutlivesTheProcessAndKnowsWhatTodayHasCost) {
  const std::string path = ::testing::TempDir() + "/tidewatch_judge.sqlite";
  std::filesystem::remove(path);
  FakeModelServer server({says(kGood)});
  JudgeOptions options = relevance();
  options.cache_file = path;
  options.chat.price = ChatPrice{.input = 1'000, .output = 0};
  options.chat.usd_per_day = 2;
  options.chat.max_tokens = 1;
  // A call may cost so much before it is known: about 700 tokens of the prompt.
  judge(server, options).submit(texts(), {}, chosen(1));
  ASSERT_TRUE(only().was_judged());
  judge_.reset();
  judge(server, options).submit(texts(), {}, chosen(1));
  EXPECT_TRUE(only().is_from_cache);
  options.chat.usd_per_day = 0.05;  // 0.1 were spent before
  judge(server, options).submit(texts("Green."), {}, chosen(2));
  EXPECT_THAT(all(5s), SizeIs(0));
  EXPECT_EQ(judge_->held_back_by(), "cap_reached");
}

FakeReply breaks_off_at_poison(const FakeCall& call) {
  return prompt_of(call).find("poison") != std::string::npos ? with_fault(FakeReply::Fault::broken_off) : says(kGood);
}

TEST_F(JudgeTest, AFaultOfOneRequestAloneHoldsNobodyUpAndIsNotWaitedFor) {
  FakeModelServer server(breaks_off_at_poison);
  JudgeOptions options = relevance();
  options.chat.concurrency = 1;
  judge(server, options).submit(texts("poison"), {}, chosen(1));
  std::map<std::string, int> counts;
  for (int i = 2; i < 12; ++i) {
    judge_->submit(texts(fmt::format("answer {}", i)), {}, chosen(i));
    for (const JudgedRequest& one : all(2min, 1s)) ++counts[one.unjudged];
  }
  EXPECT_EQ(counts[""], 10);
  EXPECT_EQ(counts["broken_off"], 1);
}

TEST_F(JudgeTest, ABatchEndsWithOneThatNeverSucceeds) {
  FakeModelServer server(breaks_off_at_poison);
  JudgeOptions options = relevance();
  options.is_batch = true;
  judge(server, options).submit(texts("poison"), {}, chosen(1));
  judge_->submit(texts("answer"), {}, chosen(2));
  std::map<std::string, int> counts;
  for (const JudgedRequest& one : all(1h, 1s)) ++counts[one.unjudged];
  EXPECT_EQ(counts["broken_off"], 1);
}

TEST_F(JudgeTest, SurvivesHoursWithoutItsServerAndSaysWhatBecameOfAll) {
  FakeModelServer server({fails(503)});
  JudgeOptions options = relevance();
  options.backlog.capacity = 40;
  options.chat.concurrency = 20;
  judge(server, options);
  std::map<std::string, int> counts;
  std::vector<JudgedRequest> judged;
  int submitted = 0;
  const auto pass = [&](Duration time) {
    for (const Duration end = surroundings_.time() + time; surroundings_.time() < end; surroundings_.advance(1min)) {
      const Timestamp period = align_down(Timestamp(surroundings_.time()), 10min);
      if (submitted % 10 == 0) {
        ChosenRequest reported = chosen(submitted, 1.0, period);
        reported.request.add_targets(std::string(Sampler::kReported));
        judge_->submit(texts(fmt::format("answer {}", submitted)), {}, reported);
      } else {
        judge_->submit(texts(fmt::format("answer {}", submitted)), {}, chosen(submitted, 0.1, period));
      }
      ++submitted;
      for (JudgedRequest& one : judge_->poll(2ms)) {
        ++counts[one.unjudged];
        if (one.was_judged()) judged.push_back(std::move(one));
      }
    }
  };
  pass(5h);
  EXPECT_TRUE(judged.empty());
  EXPECT_LE(judge_->pending(), 40 + 20);
  EXPECT_GT(counts["over_capacity"] + counts["expired"], 150);
  EXPECT_LT(server.calls().size(), 400) << "the breaker asks now and then, not each time";
  EXPECT_GT(judge_->counts().chat.times_breaker_opened, 10);
  server.set_answer([](const FakeCall&) { return says(kGood); });
  surroundings_.advance(5min);
  for (JudgedRequest& one : all(1h, 1s)) {
    ++counts[one.unjudged];
    if (one.was_judged()) judged.push_back(std::move(one));
  }
  EXPECT_EQ(judge_->pending(), 0);
  int sum = 0;
  for (const auto& [reason, count] : counts) sum += count;
  EXPECT_EQ(sum, submitted) << "nothing is lost without a word";
  int looked_at = 0;
  int thinned = 0;
  for (const JudgedRequest& one : judged) {
    if (!one.probability) ++looked_at;
    if (one.probability && *one.probability < 0.1) ++thinned;
  }
  EXPECT_GT(looked_at, 10) << "reported hours ago: still looked at, not counted";
  EXPECT_GT(thinned, 0) << "those that stayed count for those that had to go";
  EXPECT_GT(judge_->counts().left_sample, 10);
}

TEST_F(JudgeTest, AtItsCapItWaitsForTheNextDay) {
  FakeModelServer server({says(kGood)});
  JudgeOptions options = relevance();
  options.chat.calls_per_hour = 3;
  options.chat.concurrency = 1;
  judge(server, options);
  for (int i = 0; i < 5; ++i) judge_->submit(texts(fmt::format("answer {}", i)), {}, chosen(i));
  EXPECT_THAT(all(10s), SizeIs(3));
  EXPECT_EQ(judge_->held_back_by(), "cap_reached");
  EXPECT_EQ(judge_->pending(), 2);
  surroundings_.advance(59min + 55s);
  EXPECT_THAT(all(), SizeIs(2));
}

TEST_F(JudgeTest, GivesUpWhenItIsTold) {
  FakeModelServer server({with_fault(FakeReply::Fault::hang)});
  judge(server).submit(texts(), {}, chosen(1));
  judge_->submit(texts("other"), {}, chosen(2));
  judge_->poll(10ms);
  judge_->give_up("given_up");
  const auto done = judge_->poll(0s);
  ASSERT_THAT(done, SizeIs(2));
  EXPECT_EQ(done[0].unjudged, "given_up");
  EXPECT_EQ(judge_->pending(), 0);
}

/// Prefers what stands first, as models do.
FakeReply prefers_first(const FakeCall&) { return says(R"({"reason": "nicer", "better": "first"})"); }

TEST_F(JudgeTest, ComparesInBothOrdersAndADisagreementIsATie) {
  FakeModelServer server(prefers_first);
  JudgedTexts two = texts("good answer");
  two.other_answer = "bad answer";
  judge(server).compare("to_the_point", two, chosen(1));
  JudgedRequest done = only();
  EXPECT_EQ(done.score, 0.5);
  EXPECT_TRUE(done.was_inconsistent);
  EXPECT_THAT(server.calls(), SizeIs(2));

  server.set_answer([](const FakeCall& call) {
    const std::string prompt = prompt_of(call);
    const bool is_first = prompt.find("good answer") < prompt.find("bad answer");
    return says(is_first ? R"({"better": "first"})" : R"({"better": "second"})");
  });
  two.question = "Which other colour?";
  judge_->compare("to_the_point", two, chosen(2));
  done = only();
  EXPECT_EQ(done.score, 1);
  EXPECT_FALSE(done.was_inconsistent);
  std::swap(two.answer, two.other_answer);
  judge_->compare("to_the_point", two, chosen(3));
  EXPECT_EQ(only().score, 0);
}

TEST_F(JudgeTest, ADisagreementIsRememberedAsOne) {
  FakeModelServer server(prefers_first);
  JudgedTexts two = texts("a");
  two.other_answer = "b";
  judge(server).compare("to_the_point", two, chosen(1));
  only();
  judge_->compare("to_the_point", two, chosen(2));
  const JudgedRequest again = only();
  EXPECT_TRUE(again.is_from_cache);
  EXPECT_TRUE(again.was_inconsistent);
  EXPECT_EQ(again.score, 0.5);
}

TEST_F(JudgeTest, RubricsOfTheConfigAreUsed) {
  FakeModelServer server({says(R"({"reason": "", "passed": true})")});
  JudgeOptions options = relevance();
  options.rubrics = {{.name = "relevance", .version = "7", .ask = "Does it rhyme?", .levels = {}}};
  judge(server, options).submit(texts(), {}, chosen(1));
  const JudgedRequest done = only();
  EXPECT_EQ(done.evaluator, "fake-model/relevance@7");
  EXPECT_EQ(done.score, 1);
  EXPECT_THAT(prompt_of(server.calls().at(0)), HasSubstr("Does it rhyme?"));
}

TEST_F(JudgeTest, SaysWhatIsWrongWithItsOptions) {
  const auto error_of = [&](const std::function<void(JudgeOptions&)>& change) {
    JudgeOptions options = relevance();
    options.chat.model = "m";
    change(options);
    return Judge::make(std::move(options), surroundings_.given()).error().message;
  };
  EXPECT_THAT(error_of([](auto& o) { o.chat.model = ""; }), HasSubstr("no model"));
  EXPECT_THAT(error_of([](auto& o) { o.rules[0].rubric = "beauty"; }), HasSubstr("no rubric \"beauty\""));
  EXPECT_THAT(error_of([](auto& o) { o.rules[0].pass_from = 6; }), HasSubstr("2 to 5"));
  EXPECT_THAT(error_of([](auto& o) { o.rules.push_back(o.rules[0]); }), HasSubstr("second judge"));
  EXPECT_THAT(error_of([](auto& o) { o.chat.usd_per_day = 1; }), HasSubstr("price"));
  EXPECT_THAT(error_of([](auto& o) { o.cache_file = "/nowhere/x"; }), HasSubstr("/nowhere/x"));
}

}  // namespace
}  // namespace tidewatch
