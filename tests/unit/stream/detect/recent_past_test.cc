#include "stream/detect/cause/recent_past.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "stream/detect/cause/movement.h"
#include "tests/unit/stream/detect/partials.h"

namespace tidewatch {
namespace {

constexpr double kWidth = 5;  // minutes

struct Shown {
  int requests = 40;
  int refused = 2;
  double score = 0.8;
  std::string language = "en";
};

Cells cells_of(const Shown& shown) {
  Cells out;
  Aggregate requests(MeasureKind::sum);
  Aggregate refusals(MeasureKind::rate);
  Aggregate scores(MeasureKind::distribution);
  Aggregate languages(MeasureKind::composition);
  for (int i = 0; i < shown.requests; ++i) {
    requests.add_value(1);
    refusals.add_trial(i < shown.refused);
    scores.add_value(shown.score + 0.01 * (i % 5 - 2));
    languages.add_category(shown.language);
  }
  out.merge(m_requests, requests);
  out.merge(m_refusal_rate, refusals);
  out.merge(m_retrieval_score, scores);
  out.merge(m_languages, languages);
  return out;
}

const CauseLabel& languages() {
  const auto all = cause_labels();
  return *std::find_if(all.begin(), all.end(), [](const auto& row) { return row.measure == m_languages; });
}

/// Windows [from, to) of 5 minutes.
void play(RecentPast& past, int from, int to, const Shown& shown) {
  for (int i = from; i < to; ++i) past.add(cells_of(shown), minute(kWidth * i), minute(kWidth * (i + 1)));
}

TEST(RecentPast, TellsWindowsApartWhileTheyAreRecent) {
  RecentPast past;
  play(past, 0, 500, {});
  const auto beginnings = past.beginnings();
  ASSERT_GE(beginnings.size(), 5U);
  EXPECT_LE(beginnings.size(), 4 * RecentPast::kSpansByLength);
  EXPECT_EQ(beginnings.front(), minute(kWidth * 499));
  EXPECT_GE(minute(kWidth * 500) - beginnings.back(), std::chrono::minutes(75));
  for (size_t i = 1; i < beginnings.size(); ++i) EXPECT_LT(beginnings[i], beginnings[i - 1]);
}

TEST(RecentPast, LosesNothingOfWhatIsRecent) {
  RecentPast past;
  play(past, 0, 12, {});
  const auto all = past.since(minute(0));
  EXPECT_EQ(all.levels.at(m_refusal_rate).n, 12 * 40);
  EXPECT_EQ(all.levels.at(m_refusal_rate).mean(), 0.05);
  EXPECT_EQ(all.shares.at(m_languages).at("en"), 12 * 40);
  EXPECT_TRUE(past.before(minute(0)).levels.empty());
}

TEST(RecentPast, ForgetsByHalfInADay) {
  RecentPast past;
  play(past, 0, 288, {});
  play(past, 288, 3 * 288, {.language = "es"});
  const auto before = past.before(past.beginnings().back());
  const double english = before.shares.at(m_languages).at("en");
  const double spanish = before.shares.at(m_languages).at("es");
  EXPECT_NEAR(english / spanish, 0.18, 0.04) << "a day that ended two days ago, against two days";
}

TEST(RecentPast, SaysWhatMovedAndWhen) {
  RecentPast past;
  play(past, 0, 300, {});
  play(past, 300, 303, {.refused = 10, .score = 0.6});
  const auto splits = splits_of(past);
  const MeasureCatalog catalog;
  const auto refusals = movement_of(*find_cause_measure(m_refusal_rate), catalog.info(m_refusal_rate), splits);
  ASSERT_TRUE(refusals && refusals->is_moved);
  EXPECT_NEAR(refusals->before, 0.05, 1e-6);
  EXPECT_NEAR(refusals->after, 0.25, 1e-6);
  EXPECT_EQ(refusals->since, minute(kWidth * 300));
  const auto scores = movement_of(*find_cause_measure(m_retrieval_score), catalog.info(m_retrieval_score), splits);
  ASSERT_TRUE(scores && scores->is_moved);
  EXPECT_NEAR(scores->after, 0.6, 1e-4);
  const auto mix = movement_of(languages(), splits);
  ASSERT_TRUE(mix);
  EXPECT_FALSE(mix->is_moved);
}

TEST(RecentPast, AnotherMixOfLanguagesIsSeen) {
  RecentPast past;
  play(past, 0, 300, {});
  play(past, 300, 302, {.language = "es"});
  const auto mix = movement_of(languages(), splits_of(past));
  ASSERT_TRUE(mix && mix->is_moved);
  EXPECT_EQ(mix->gained, "es");
  EXPECT_EQ(mix->after, 1);
  EXPECT_EQ(mix->since, minute(kWidth * 300));
}

TEST(RecentPast, AFewRequestsSayNeitherThatItMovedNorThatItIsSteady) {
  RecentPast past;
  play(past, 0, 300, {});
  play(past, 300, 301, {.requests = 4, .refused = 1});
  const MeasureCatalog catalog;
  std::vector<SplitPast> latest = splits_of(past);
  latest.resize(1);
  const auto refusals = movement_of(*find_cause_measure(m_refusal_rate), catalog.info(m_refusal_rate), latest);
  ASSERT_TRUE(refusals);
  EXPECT_FALSE(refusals->is_moved);
  EXPECT_FALSE(refusals->is_steady);
}

TEST(RecentPast, GoesOnTheSameAfterARestore) {
  RecentPast past;
  play(past, 0, 333, {});
  ByteWriter saved;
  past.save(saved);
  RecentPast restored;
  ByteReader in(saved.bytes());
  ASSERT_TRUE(restored.load(in));
  EXPECT_TRUE(in.at_end());
  for (RecentPast* of : {&past, &restored}) play(*of, 333, 400, {.language = "es"});
  ByteWriter a;
  ByteWriter b;
  past.save(a);
  restored.save(b);
  EXPECT_EQ(a.bytes(), b.bytes());
}

TEST(RecentPast, WhatIsCutOffIsNotRead) {
  RecentPast past;
  play(past, 0, 40, {});
  ByteWriter saved;
  past.save(saved);
  for (size_t size = 0; size < saved.bytes().size(); size += 7) {
    RecentPast restored;
    ByteReader in(std::string_view(saved.bytes()).substr(0, size));
    EXPECT_FALSE(restored.load(in)) << size;
  }
}

TEST(RecentPast, OfAllMeasuresAndLabelsItTakesSixKilobytes) {
  const MeasureCatalog catalog;
  Cells cells = cells_of({});
  for (const CauseMeasure& row : cause_measures()) {
    Aggregate aggregate(catalog.info(row.measure).kind);
    for (int i = 0; i < 40; ++i)
      aggregate.kind() == MeasureKind::rate ? aggregate.add_trial(i == 0) : aggregate.add_value(1 + i);
    cells.merge(row.measure, aggregate);
  }
  for (const CauseLabel& row : cause_labels()) {
    Aggregate aggregate(MeasureKind::composition);
    for (int i = 0; i < 40; ++i) aggregate.add_category("value-" + std::to_string(i % 4));
    cells.merge(row.measure, aggregate);
  }
  RecentPast past;
  for (int i = 0; i < 300; ++i) past.add(cells, minute(kWidth * i), minute(kWidth * (i + 1)));
  ByteWriter saved;
  past.save(saved);
  EXPECT_LT(past.memory_bytes(), 7'000U);
  EXPECT_LT(saved.bytes().size(), 6'000U);
  RecordProperty("memory_bytes", static_cast<int>(past.memory_bytes()));
  RecordProperty("saved_bytes", static_cast<int>(saved.bytes().size()));
}

TEST(RecentPast, NamesWithoutNumberDoNotGrowIt) {
  RecentPast past;
  for (int i = 0; i < 3000; ++i) {
    const Shown shown{.language = "version-" + std::to_string(i)};
    past.add(cells_of(shown), minute(kWidth * i), minute(kWidth * (i + 1)));
  }
  EXPECT_LT(past.memory_bytes(), 16'000U);
  EXPECT_EQ(past.since(minute(kWidth * 2999)).shares.at(m_languages).count("version-2999"), 1U)
      << "a value that is new has a name, whatever was there before";
}

}  // namespace
}  // namespace tidewatch
