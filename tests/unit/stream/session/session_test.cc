#include "stream/session/session.h"

#include <gtest/gtest.h>

#include "tests/unit/stream/session/session_run.h"

namespace tidewatch {
namespace {

constexpr uint64_t kQuestion = 0x0123456789ABCDEF;
constexpr uint64_t kNear = kQuestion ^ 0b1011;
constexpr uint64_t kFar = ~kQuestion;
constexpr double kGap = 30 * 60;

TEST(Session, AQuestionNearTheOneBeforeAsksItAgain) {
  SessionRun run;
  run.feed(turn("a", 0, 10, kQuestion));
  run.feed(turn("b", 40, 50, kNear));
  run.feed(turn("c", 80, 90, kFar));
  run.watermark(100);
  EXPECT_EQ(run.seen("rephrase_rate").n, 2);
  EXPECT_EQ(run.seen("rephrase_rate").successes, 1);
}

TEST(Session, ARephrasingCountsWhenItEndsAndWithTheLabelsOfTheAnswerBefore) {
  SessionRun run;
  run.feed(turn("a", 0, 10, kQuestion));
  run.feed(at_endpoint(turn("b", 100, 130, kQuestion), "/other"));
  run.watermark(131);
  EXPECT_EQ(run.seen("rephrase_rate", 120).successes, 1);
  EXPECT_TRUE(run.seen("rephrase_rate", {}, "service=shop,endpoint=/other").missing());
}

TEST(Session, TheSameQuestionLongAfterwardsIsNoRephrasing) {
  SessionOptions options;
  SessionRun run(options);
  run.feed(turn("a", 0, 10, kQuestion));
  const double later = 10 + to_seconds(options.rephrase_within) + 1;
  run.feed(turn("b", later, later + 5, kQuestion));
  run.watermark(later + 10);
  EXPECT_EQ(run.seen("rephrase_rate").n, 1);
  EXPECT_EQ(run.seen("rephrase_rate").successes, 0);
}

TEST(Session, WhatWasAskedBeforeTheAnswerWasThereIsNoReactionToIt) {
  SessionRun run;
  run.feed(refused(turn("a", 0, 10, kQuestion)));
  run.feed(turn("b", 5, 12, kQuestion));
  run.watermark(100);
  EXPECT_TRUE(run.seen("rephrase_rate").missing());
  EXPECT_TRUE(run.seen("followup_after_refusal_rate").missing());
}

TEST(Session, WithoutTheTextOfAQuestionNothingIsSaidOfRephrasing) {
  SessionRun run;
  run.feed(turn("a", 0, 10));
  run.feed(turn("b", 40, 50, kQuestion));
  run.watermark(kGap + 100);
  EXPECT_TRUE(run.seen("rephrase_rate").missing());
  EXPECT_EQ(run.seen("turns_per_session").value, 2);
}

TEST(Session, EndsAfterTheGapAndCountsThen) {
  SessionRun run;
  run.feed(turn("a", 0, 10));
  run.feed(turn("b", 600, 620));
  run.watermark(620 + kGap);
  EXPECT_EQ(run.count("sessions"), 0);
  run.watermark(620 + kGap + 1);
  EXPECT_EQ(run.count("sessions"), 1);
  const double pane = 60 * 40;  // 620 s and half an hour
  EXPECT_EQ(run.seen("turns_per_session", pane).value, 2);
  EXPECT_EQ(run.seen("session_length", pane).value, 620);
  EXPECT_EQ(run.seen("single_turn_rate", pane).successes, 0);
}

TEST(Session, AfterTheGapTheSameIdBeginsAnotherSession) {
  SessionRun run;
  run.feed(turn("a", 0, 10, kQuestion));
  run.feed(turn("b", kGap + 5, kGap + 11, kQuestion));  // ends one second after the gap
  run.watermark(3 * kGap);
  EXPECT_EQ(run.count("sessions"), 2);
  EXPECT_TRUE(run.seen("rephrase_rate").missing());
  EXPECT_EQ(run.seen("single_turn_rate").successes, 2);
}

TEST(Session, IsAbandonedAfterAPoorFirstAnswerWithoutAWord) {
  SessionRun run;
  run.feed(refused(turn("poor", 0, 10)), "service=shop,session=left");
  run.feed(turn("good", 0, 10), "service=shop,session=satisfied");
  run.feed(refused(turn("told", 0, 10)), "service=shop,session=voted");
  run.feed(vote("told", 60), "service=shop,session=voted");
  run.feed(refused(turn("first", 0, 10)), "service=shop,session=went-on");
  run.feed(turn("second", 20, 30), "service=shop,session=went-on");
  run.watermark(2 * kGap);
  EXPECT_EQ(run.seen("abandonment_rate").n, 4);
  EXPECT_EQ(run.seen("abandonment_rate").successes, 1);
  EXPECT_EQ(run.seen("single_turn_rate").successes, 3);
}

TEST(Session, AFailedEmptyHedgedOrCutOffAnswerIsPoor) {
  for (const auto& poor :
       {&v1::Turn::set_failed, &v1::Turn::set_empty, &v1::Turn::set_hedged, &v1::Turn::set_truncated}) {
    SessionRun run;
    auto only = turn("a", 0, 10);
    (only.*poor)(true);
    run.feed(only);
    run.watermark(2 * kGap);
    EXPECT_EQ(run.seen("abandonment_rate").successes, 1);
  }
}

TEST(Session, TellsWhetherUsersGoOnAfterARefusal) {
  SessionRun run;
  run.feed(refused(turn("a", 0, 10)), "service=shop,session=1");
  run.feed(turn("b", 20, 30), "service=shop,session=1");
  run.feed(turn("c", 0, 10), "service=shop,session=2");
  run.feed(refused(turn("d", 20, 30)), "service=shop,session=2");
  run.watermark(2 * kGap);
  EXPECT_EQ(run.seen("followup_after_refusal_rate").n, 2);
  EXPECT_EQ(run.seen("followup_after_refusal_rate").successes, 1);
}

TEST(Session, TakesTurnsInTheOrderOfTimeHoweverTheyCome) {
  SessionRun run;
  run.feed(turn("c", 80, 90, kFar));
  run.feed(turn("b", 40, 50, kNear));
  run.feed(turn("a", 0, 10, kQuestion));
  run.watermark(100);
  EXPECT_EQ(run.seen("rephrase_rate").successes, 1);
  EXPECT_EQ(run.seen("rephrase_rate").n, 2);
}

TEST(Session, SpansHoursAndMidnight) {
  SessionRun run;
  // From 22:00 to 03:00 by turns 20 minutes apart; t0 is a full hour of the epoch.
  const double start = 22 * 3600 - 1000.0 * 3600 + 42 * 24 * 3600;
  for (int i = 0; i <= 15; ++i) {
    run.feed(turn("t" + std::to_string(i), start + i * 1200, start + i * 1200 + 10));
    run.watermark(start + i * 1200 + 11);
  }
  run.watermark(start + 10 * 3600);
  EXPECT_EQ(run.count("sessions"), 1);
  EXPECT_EQ(run.seen("turns_per_session").value, 16);
  EXPECT_EQ(run.seen("session_length").value, 15 * 1200 + 10);
}

TEST(Session, CountsATurnThatComesTwiceOnce) {
  SessionRun run;
  run.feed(turn("a", 0, 10, kQuestion));
  run.feed(turn("a", 0, 10, kQuestion));
  run.watermark(2 * kGap);
  EXPECT_EQ(run.count("duplicate_turns"), 1);
  EXPECT_EQ(run.seen("turns_per_session").value, 1);
}

TEST(Session, LateTurnsAndVotesAreCounted) {
  SessionRun run;
  run.watermark(100);
  run.feed(turn("late", 0, 10));
  run.feed(vote("late", 20));
  run.feed(vote("of no session", 200));
  run.watermark(3 * kGap);
  EXPECT_EQ(run.count("late_turns"), 1);
  EXPECT_EQ(run.count("late_votes"), 2);
  EXPECT_EQ(run.count("sessions"), 0);
}

TEST(Session, WhatIsNoTurnIsADeadLetter) {
  SessionRun run;
  auto backwards = turn("a", 10, 0);
  run.feed(backwards);
  run.feed_bytes("service=shop,session=c1", "\xFF\xFF no protobuf");
  run.feed_bytes("", turn("a", 0, 10).SerializeAsString());
  run.watermark(2 * kGap);
  const auto& outputs = run.out().outputs();
  EXPECT_EQ(
      std::count_if(outputs.begin(), outputs.end(), [](const auto& o) { return o.stream == Stream::dead_letter; }), 3);
  EXPECT_EQ(run.count("sessions"), 0);
}

TEST(Session, HoldsNothingBack) {
  SessionRun run;
  run.feed(turn("a", 0, 10));
  run.watermark(11);
  EXPECT_EQ(run.stage().output_watermark(), at(11));
}

TEST(Session, NeedsWhatIsOpenAndNothingElse) {
  SessionRun run;
  EXPECT_EQ(run.stage().needed_from(), kNothingNeeded);
  run.feed(turn("a", 0, 10), "service=shop,session=1");
  run.feed(turn("b", 600, 610), "service=shop,session=2");
  run.watermark(620);
  EXPECT_EQ(run.stage().needed_from(), 0);
  run.watermark(11 + kGap);
  EXPECT_EQ(run.stage().needed_from(), 1);
  run.watermark(611 + kGap);
  EXPECT_EQ(run.stage().needed_from(), kNothingNeeded);
}

TEST(Session, DoesNotNeedTheBeginOfOneThatGoesOnForTooLong) {
  SessionOptions options;
  SessionRun run(options);
  const double longest = to_seconds(options.longest);
  double now = 0;
  for (int i = 0; now <= longest + 1000; ++i, now += 1000) {
    run.feed(turn("t" + std::to_string(i), now, now + 1));
    run.watermark(now + 2);
  }
  EXPECT_EQ(run.stage().needed_from(), kNothingNeeded);
  run.watermark(now + 2 * kGap);
  EXPECT_EQ(run.count("sessions"), 1) << "but it is one session where nothing was restarted";
}

}  // namespace
}  // namespace tidewatch
