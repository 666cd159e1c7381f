#include "detectors/decide/taught_threshold.h"

#include <gtest/gtest.h>

namespace tidewatch {
namespace {

Timestamp day(double days) {
  return Timestamp(std::chrono::hours(24 * 20000)) +
         std::chrono::duration_cast<Duration>(std::chrono::duration<double, std::ratio<86400>>(days));
}

TEST(TaughtThreshold, AFalseAlarmAsksForThreeBitsMoreThanItHad) {
  TaughtThreshold taught;
  EXPECT_EQ(taught.extra(day(0)), 0);
  taught.note("a", 1.5);
  EXPECT_EQ(taught.extra(day(0)), 0) << "an alert alone teaches nothing";
  EXPECT_TRUE(taught.mark("a", MarkVerdict::false_alarm, day(1)));
  EXPECT_DOUBLE_EQ(taught.extra(day(1)), 4.5);
  EXPECT_DOUBLE_EQ(taught.extra(day(0)), 4.5) << "event time lags behind people";
}

TEST(TaughtThreshold, FadesWithAHalfLifeOfSixWeeks) {
  TaughtThreshold taught;
  taught.note("a", 3);
  taught.mark("a", MarkVerdict::false_alarm, day(0));
  EXPECT_NEAR(taught.extra(day(42)), 3, 1e-9);
  EXPECT_NEAR(taught.extra(day(84)), 1.5, 1e-9);
}

TEST(TaughtThreshold, WhatIsRarerByTwelveBitsIsToldWhateverWasSaid) {
  TaughtThreshold taught;
  for (int i = 0; i < 20; ++i) {
    const std::string id(1, static_cast<char>('a' + i));
    taught.note(id, 40);
    taught.mark(id, MarkVerdict::false_alarm, day(i));
    EXPECT_LE(taught.extra(day(i)), TaughtThreshold::kMost);
  }
  EXPECT_DOUBLE_EQ(taught.extra(day(19)), TaughtThreshold::kMost);
}

TEST(TaughtThreshold, ATrueAlarmHalvesIt) {
  TaughtThreshold taught;
  taught.note("a", 5);
  taught.note("b", 9);
  taught.mark("a", MarkVerdict::false_alarm, day(0));
  taught.mark("b", MarkVerdict::true_alarm, day(0));
  EXPECT_DOUBLE_EQ(taught.extra(day(0)), 4);
}

TEST(TaughtThreshold, WhatIsTakenBackWasNeverSaid) {
  TaughtThreshold taught;
  taught.note("a", 5);
  taught.note("b", 1);
  taught.mark("b", MarkVerdict::false_alarm, day(0));
  taught.mark("a", MarkVerdict::false_alarm, day(1));
  taught.mark("a", MarkVerdict::none, day(2));
  EXPECT_NEAR(taught.extra(day(0)), 4, 1e-9);
}

TEST(TaughtThreshold, TheSameMarkAgainChangesNothing) {
  TaughtThreshold taught;
  taught.note("a", 5);
  taught.mark("a", MarkVerdict::false_alarm, day(0));
  taught.mark("a", MarkVerdict::false_alarm, day(30));
  EXPECT_NEAR(taught.extra(day(42)), 4, 1e-9) << "it fades from when it was first said";
}

TEST(TaughtThreshold, AnUnknownAlertChangesNothing) {
  TaughtThreshold taught;
  taught.note("a", 5);
  EXPECT_FALSE(taught.mark("z", MarkVerdict::false_alarm, day(0)));
  EXPECT_EQ(taught.extra(day(0)), 0);
}

TEST(TaughtThreshold, KeepsWhatWasSaidOfAlertsThatItForgets) {
  TaughtThreshold taught;
  taught.note("first", 2);
  taught.mark("first", MarkVerdict::false_alarm, day(0));
  for (int i = 0; i < 8; ++i) taught.note(std::to_string(i), 9);
  EXPECT_FALSE(taught.mark("first", MarkVerdict::none, day(1)));
  EXPECT_DOUBLE_EQ(taught.extra(day(0)), 5);
}

TEST(TaughtThreshold, SavedAndLoadedItSaysTheSame) {
  TaughtThreshold taught;
  for (int i = 0; i < 11; ++i) {
    taught.note(std::to_string(i), i);
    if (i % 2 == 0) taught.mark(std::to_string(i), MarkVerdict::false_alarm, day(i));
  }
  ByteWriter out;
  taught.save(out);
  TaughtThreshold loaded;
  ByteReader in(out.bytes());
  ASSERT_TRUE(loaded.load(in).ok());
  EXPECT_EQ(loaded.extra(day(20)), taught.extra(day(20)));
  EXPECT_TRUE(loaded.mark("10", MarkVerdict::none, day(20)));

  for (size_t cut = 0; cut < out.bytes().size(); ++cut) {
    ByteReader part(std::string_view(out.bytes()).substr(0, cut));
    EXPECT_FALSE(TaughtThreshold().load(part).ok()) << cut;
  }
}

TEST(MarkVerdict, IsReadByItsName) {
  EXPECT_EQ(*parse_mark_verdict("false"), MarkVerdict::false_alarm);
  EXPECT_EQ(*parse_mark_verdict("true"), MarkVerdict::true_alarm);
  EXPECT_EQ(*parse_mark_verdict("none"), MarkVerdict::none);
  EXPECT_FALSE(parse_mark_verdict("maybe").ok());
}

}  // namespace
}  // namespace tidewatch
