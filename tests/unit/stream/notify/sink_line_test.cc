#include "stream/notify/sink_line.h"

#include <gmock/gmock.h>

#include <functional>
#include <random>
#include <set>

#include "unit/stream/notify/notices.h"

namespace tidewatch {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Delivery of(const v1::Notice& notice, Duration appended = {}) {
  Delivery out;
  out.subject = id_of(notice);
  out.key = key_of(notice);
  out.notice = std::make_shared<const v1::Notice>(notice);
  out.source.appended_at = noon(appended);
  out.since = noon(appended);
  return out;
}

const Answer kFails{.kind = Answer::Kind::failed, .error = {"http_500", "HTTP 500"}};
const Answer kRefuses{.kind = Answer::Kind::refused, .error = {"http_400", "HTTP 400"}};

SinkOptions options() {
  SinkOptions out;
  out.name = "hook";
  return out;
}

/// A line, the sink behind it, and a clock.
class LineRun {
 public:
  explicit LineRun(const SinkOptions& options = tidewatch::options(), size_t batch = 1, bool repeats = false)
      : line_(options, 0, batch, repeats) {}

  void offer(const v1::Notice& notice) { line_.offer(this, of(notice, now_), moment()); }
  void offer_repeat(const v1::Notice& notice) {
    Delivery delivery = of(notice, now_);
    delivery.is_repeat = true;
    line_.offer(this, std::move(delivery), moment());
  }
  /// Sends what is due and answers at once; what was sent, as "a fired".
  std::vector<std::string> send(const std::function<Answer(const Delivery&)>& answer) {
    std::vector<std::string> out;
    while (auto attempt = line_.next(moment())) {
      for (const auto& delivery : attempt->deliveries)
        out.push_back(delivery.subject + " " + transition_of(*delivery.notice));
      line_.take(attempt->id, answer(attempt->deliveries[0]),
                 std::vector<std::string>(attempt->deliveries.size(), "ref"), moment(),
                 std::uniform_real_distribution<>(0, 1)(random_));
    }
    return out;
  }
  std::vector<std::string> send(const Answer& answer = {}) {
    return send([&](const Delivery&) { return answer; });
  }
  /// For so long, in steps as a stage commits; what was sent.
  std::vector<std::string> pass(Duration time, const std::function<Answer(const Delivery&)>& answer) {
    std::vector<std::string> out;
    for (const Duration end = now_ + time; now_ < end; now_ += 200ms)
      for (auto& sent : send(answer)) out.push_back(sent);
    return out;
  }
  std::vector<std::string> pass(Duration time, const Answer& answer = {}) {
    return pass(time, [&](const Delivery&) { return answer; });
  }
  std::vector<std::string> outcomes() {
    static const std::map<Settled::Kind, std::string> names = {{Settled::Kind::told, "told"},
                                                               {Settled::Kind::refused, "refused"},
                                                               {Settled::Kind::withdrawn, "withdrawn"},
                                                               {Settled::Kind::finished, "finished"}};
    std::vector<std::string> out;
    for (const auto& outcome : line_.take_outcomes())
      out.push_back(outcome.settled.delivery.subject + " " + names.at(outcome.settled.kind) +
                    (outcome.settled.error.code.empty() ? "" : " " + outcome.settled.error.code));
    return out;
  }
  SinkLine::Moment moment() const { return {now_, noon(now_)}; }
  SinkLine& line() { return line_; }
  const void* owner() const { return this; }

 private:
  SinkLine line_;
  Duration now_{};
  std::mt19937 random_{1};
};

TEST(SinkLine, SendsAtOnceAndSaysWhatBecameOfIt) {
  LineRun run;
  run.offer(alert("a", "fired"));
  EXPECT_EQ(run.line().undelivered(), 1u);
  EXPECT_THAT(run.send(), ElementsAre("a fired"));
  EXPECT_THAT(run.outcomes(), ElementsAre("a told"));
  EXPECT_EQ(run.line().undelivered(), 0u);
  EXPECT_THAT(run.pass(1h), IsEmpty());
}

TEST(SinkLine, AfterAnHourAwayNothingIsLostAndNothingFlooded) {
  LineRun run;
  std::set<std::string> fire;
  int attempts = 0;
  for (int minute = 0; minute < 60; ++minute) {
    for (int i = 0; i < 5; ++i) {
      fire.insert("a" + std::to_string(minute * 5 + i) + " fired");
      run.offer(alert("a" + std::to_string(minute * 5 + i), "fired"));
    }
    attempts += static_cast<int>(run.pass(1min, kFails).size());
  }
  EXPECT_LT(attempts, 60) << "a sink that is away is left alone";
  EXPECT_EQ(run.line().undelivered(), 300u);
  EXPECT_EQ(run.line().oldest(), noon());
  EXPECT_THAT(run.outcomes(), IsEmpty());

  std::set<std::string> told;
  for (int minute = 0; minute < 8; ++minute) {
    const auto sent = run.pass(1min);
    EXPECT_LE(sent.size(), 66u) << "60 a minute, 6 at once";
    for (const auto& one : sent) EXPECT_TRUE(told.insert(one).second) << one << " twice";
  }
  EXPECT_EQ(told, fire);
}

TEST(SinkLine, WhatChangesWhileItIsAwayIsSentAsItStandsThen) {
  LineRun run;
  for (int i = 0; i < 10; ++i) run.offer(alert("a", "fired"));
  run.pass(1min, kFails);
  run.offer(alert("a", "escalated", 1min, "page"));
  run.pass(10min, kFails);
  run.offer(alert("a", "resolved", 11min));
  EXPECT_THAT(run.pass(10min), ElementsAre("a resolved"));
}

TEST(SinkLine, OneMessageOfASubjectAtATime) {
  LineRun run;
  run.offer(alert("a", "fired"));
  const auto first = run.line().next(run.moment());
  ASSERT_TRUE(first);
  run.offer(alert("a", "resolved", 1min));
  EXPECT_FALSE(run.line().next(run.moment()));
  run.line().take(first->id, kFails, {}, run.moment(), 0.5);
  EXPECT_THAT(run.pass(10s), ElementsAre("a resolved")) << "the newer one takes its place";
}

TEST(SinkLine, PagesGoFirst) {
  LineRun run;
  run.offer(alert("a", "fired"));
  run.offer(alert("b", "fired", 0s, "page"));
  EXPECT_THAT(run.send(), ElementsAre("b fired", "a fired"));
}

TEST(SinkLine, RetriesWaitLongerEachTimeAndGiveUpInTheEnd) {
  SinkOptions of_hours = options();
  of_hours.give_up_after = 3h;
  LineRun run(of_hours);
  run.offer(alert("a", "fired"));
  const size_t first = run.pass(1min, kFails).size();
  const size_t later = run.pass(1h, kFails).size();
  EXPECT_GE(first, 4u);
  EXPECT_LT(later, 40u);
  EXPECT_THAT(run.outcomes(), IsEmpty());
  run.pass(2h, kFails);
  EXPECT_THAT(run.outcomes(), ElementsAre("a refused sink_gave_up"));
}

TEST(SinkLine, AMessageThatTheSinkCannotTakeDoesNotHoldTheOthersBack) {
  LineRun run;
  run.offer(alert("poison", "fired"));
  const auto answer = [](const Delivery& delivery) { return delivery.subject == "poison" ? kFails : Answer{}; };
  for (int i = 0; i < 30; ++i) {
    run.pass(20min, answer);
    run.offer(alert("a", "fired"));
    EXPECT_THAT(run.pass(2min + 1s, answer), ::testing::Contains("a fired"))
        << "as long as a sink is left alone at most";
  }
  EXPECT_EQ(run.line().undelivered(), 1u);
}

TEST(SinkLine, APauseThatTheSinkAsksForHoldsAllBack) {
  LineRun run;
  run.offer(alert("a", "fired"));
  Answer limited = kFails;
  limited.is_limited = true;
  limited.retry_after = 30s;
  run.send(limited);
  run.offer(alert("b", "fired"));
  EXPECT_THAT(run.pass(29s), IsEmpty());
  EXPECT_THAT(run.pass(5s), ::testing::UnorderedElementsAre("a fired", "b fired"));
  EXPECT_FALSE(run.line().is_left_alone(run.moment()));
}

TEST(SinkLine, ARefusalIsFinal) {
  LineRun run;
  run.offer(alert("a", "fired"));
  run.send(kRefuses);
  EXPECT_THAT(run.outcomes(), ElementsAre("a refused http_400"));
  EXPECT_THAT(run.pass(1h), IsEmpty());
}

TEST(SinkLine, OfARequestThatIsRefusedEachMessageIsSentAlone) {
  LineRun run(options(), 10);
  for (const char* id : {"a", "b", "c"}) run.offer(alert(id, "fired"));
  auto attempt = run.line().next(run.moment());
  ASSERT_TRUE(attempt);
  EXPECT_EQ(attempt->deliveries.size(), 3u);
  run.line().take(attempt->id, kRefuses, {}, run.moment(), 0.5);
  EXPECT_THAT(run.outcomes(), IsEmpty());
  while (auto alone = run.line().next(run.moment())) {
    ASSERT_EQ(alone->deliveries.size(), 1u);
    run.line().take(alone->id, alone->deliveries[0].subject == "b" ? kRefuses : Answer{}, {"ref"}, run.moment(), 0.5);
  }
  EXPECT_THAT(run.outcomes(), ElementsAre("a told", "b refused http_400", "c told"));
}

TEST(SinkLine, WhatIsReadLateWaitsForWhatFollowedIt) {
  LineRun run;
  run.pass(1h);
  run.line().offer(run.owner(), of(alert("a", "fired")), run.moment());
  EXPECT_THAT(run.send(), IsEmpty());
  run.line().withdraw(run.owner(), "a");
  EXPECT_THAT(run.outcomes(), ElementsAre("a withdrawn"));
  run.line().offer(run.owner(), of(alert("b", "fired")), run.moment());
  EXPECT_THAT(run.pass(6s), ElementsAre("b fired"));
}

TEST(SinkLine, WhatWasToldIsRepeatedWhileItFiresAndForAWhileAfterItsEnd) {
  LineRun run(options(), 64, true);
  run.offer(alert("a", "fired"));
  EXPECT_THAT(run.pass(10min), ::testing::SizeIs(10));
  EXPECT_THAT(run.outcomes(), ElementsAre("a told"));
  EXPECT_EQ(run.line().undelivered(), 0u);
  run.offer(alert("a", "resolved", 10min));
  const auto ends = run.pass(1h);
  EXPECT_THAT(ends, ::testing::SizeIs(15));
  EXPECT_EQ(ends.front(), "a resolved");
  EXPECT_THAT(run.outcomes(), ElementsAre("a told", "a finished"));
}

TEST(SinkLine, WhatIsRepeatedAfterARestartMakesNoNewOutcome) {
  LineRun run(options(), 64, true);
  run.offer_repeat(alert("a", "fired"));
  EXPECT_THAT(run.pass(3min), ::testing::SizeIs(3));
  EXPECT_THAT(run.outcomes(), IsEmpty());
  run.offer(alert("a", "escalated", 3min, "page"));
  EXPECT_THAT(run.pass(10s), ElementsAre("a escalated"));
  EXPECT_THAT(run.outcomes(), ElementsAre("a told"));
}

TEST(SinkLine, NobodyWaitsForWhatItsOwnerForgot) {
  LineRun run;
  run.offer(alert("a", "fired"));
  const auto attempt = run.line().next(run.moment());
  run.line().forget(run.owner());
  run.line().take(attempt->id, Answer{}, {""}, run.moment(), 0.5);
  EXPECT_THAT(run.outcomes(), IsEmpty());
}

}  // namespace
}  // namespace tidewatch
