#include "app/testset/compare_runs.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidewatch {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

ItemRun item(int number, std::optional<bool> passed, std::optional<double> score = std::nullopt) {
  ItemRun out;
  out.id = fmt::format("item-{}", number);
  out.answer = "so";
  out.verdicts["check"] = {passed, score, ""};
  return out;
}

/// A hundred items, of which the first `failed` fail.
TestRun run_of(int failed, int from = 0) {
  TestRun out;
  for (int i = from; i < from + 100; ++i) out.items.push_back(item(i, i >= failed));
  return out;
}

TEST(CompareRuns, ComparesItemByItem) {
  const auto compared = compare_runs(run_of(2), run_of(20));
  EXPECT_EQ(compared.shared, 100u);
  ASSERT_THAT(compared.verdicts, SizeIs(1));
  EXPECT_TRUE(compared.verdicts[0].is_rate);
  EXPECT_DOUBLE_EQ(compared.verdicts[0].found.difference, -0.18);
  EXPECT_TRUE(compared.verdicts[0].is_worse());
  const auto back = compare_runs(run_of(20), run_of(2));
  EXPECT_TRUE(back.verdicts[0].is_different());
  EXPECT_FALSE(back.verdicts[0].is_worse());
}

TEST(CompareRuns, LeavesOutWhatOnlyOneRunAnswered) {
  TestRun before = run_of(0);
  TestRun now = run_of(0, 50);
  now.items.front().error = "timed_out: too long";
  const auto compared = compare_runs(before, now);
  EXPECT_EQ(compared.shared, 49u);
  EXPECT_EQ(compared.only_before, 51u);
  EXPECT_EQ(compared.only_now, 50u);
  EXPECT_EQ(compared.verdicts.at(0).items, 49u);
}

TEST(CompareRuns, ScoresWithoutAVerdictAreComparedAsScores) {
  TestRun before;
  TestRun now;
  for (int i = 0; i < 30; ++i) {
    before.items.push_back(item(i, std::nullopt, 0.5 + 0.01 * i));
    now.items.push_back(item(i, std::nullopt, 0.4 + 0.01 * i + 0.001 * (i % 3)));
  }
  const auto compared = compare_runs(before, now);
  ASSERT_THAT(compared.verdicts, SizeIs(1));
  EXPECT_FALSE(compared.verdicts[0].is_rate);
  EXPECT_NEAR(compared.verdicts[0].found.difference, -0.099, 1e-9);
  EXPECT_TRUE(compared.verdicts[0].is_worse());
}

TEST(CompareRuns, ManyVerdictsNeedStrongerEvidence) {
  // Seven only before, one only now: p = 0.039 alone, and not where five are looked at.
  TestRun before;
  TestRun now;
  for (int i = 0; i < 40; ++i) {
    before.items.push_back(item(i, i != 0));
    now.items.push_back(item(i, i == 0 || i > 7));
    for (const char* name : {"a", "b", "c", "d"}) {
      before.items.back().verdicts[name] = {i % 2 == 0, std::nullopt, ""};
      now.items.back().verdicts[name] = {i % 2 == 0, std::nullopt, ""};
    }
  }
  const auto compared = compare_runs(before, now);
  ASSERT_THAT(compared.verdicts, SizeIs(5));
  for (const ComparedVerdict& verdict : compared.verdicts) {
    EXPECT_FALSE(verdict.is_different()) << verdict.name;
    if (verdict.name != "check") continue;
    EXPECT_NEAR(verdict.found.p_value, 0.0391, 1e-4);
    EXPECT_NEAR(verdict.adjusted_p, 5 * 0.0391, 1e-3);
  }
}

TEST(CompareRuns, NothingInCommonIsNoComparison) {
  const auto compared = compare_runs(run_of(0), run_of(0, 1'000));
  EXPECT_EQ(compared.shared, 0u);
  EXPECT_THAT(compared.verdicts, IsEmpty());
}

}  // namespace
}  // namespace tidewatch
