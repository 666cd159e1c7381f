#include "stream/rollout/rollout_arms.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "stream/rollout/rollout_key.h"
#include "stream/window/colocation.h"

namespace tidewatch {
namespace {

RolloutRule rule() {
  RolloutRule out;
  out.name = "prompt-v13";
  out.where = {{"service", {"shop"}}};
  out.guards = {{"refusal_rate", 0.005, false, false}};
  return out;
}

std::string place(const RolloutArms& arms, const Labels& labels, std::string_view trace = "t") {
  std::string out;
  arms.for_each(labels, trace, [&](const RolloutArms::Place& at) { out += at.key; });
  return out;
}

TEST(RolloutKey, ReadsBackAndNothingElseIsOne) {
  for (const Arm arm : {Arm::control, Arm::treatment})
    for (const size_t group : {size_t{0}, kRandomGroups - 1}) {
      const auto key = parse_rollout_key(rollout_key(RolloutKey{"a-b", arm, group}));
      ASSERT_TRUE(key);
      EXPECT_EQ(key->rollout, "a-b");
      EXPECT_EQ(key->arm, arm);
      EXPECT_EQ(key->group, group);
    }
  for (const auto* text : {"service=shop", "@rollout=a", "@rollout=a,arm=both,group=1",
                           "@rollout=a,arm=control,group=64", "@rollout=a,arm=control,group=x"})
    EXPECT_FALSE(parse_rollout_key(text)) << text;
}

TEST(RolloutKey, AllGroupsOfARolloutShareAPartition) {
  std::set<std::string> placements = {colocation_key({"service"}, rollout_key("a"))};
  for (size_t group = 0; group < kRandomGroups; ++group)
    placements.insert(colocation_key({"service"}, rollout_key(RolloutKey{"a", Arm::treatment, group})));
  EXPECT_EQ(placements.size(), 1U);
}

TEST(RolloutArms, TellsTheArmsByTheLabelAndOnlyWhereItApplies) {
  MeasureCatalog catalog;
  const RolloutArms arms({rule()}, catalog);
  EXPECT_TRUE(
      place(arms, {{"service", "shop"}, {"variant", "canary"}}).starts_with("@rollout=prompt-v13,arm=treatment"));
  EXPECT_TRUE(place(arms, {{"service", "shop"}, {"variant", "stable"}}).starts_with("@rollout=prompt-v13,arm=control"));
  EXPECT_EQ(place(arms, {{"service", "shop"}, {"variant", "other"}}), "");
  EXPECT_EQ(place(arms, {{"service", "shop"}}), "");
  EXPECT_EQ(place(arms, {{"service", "mail"}, {"variant", "canary"}}), "");
}

TEST(RolloutArms, RequestsOfOneUserFallIntoOneGroupInBothArms) {
  MeasureCatalog catalog;
  const RolloutArms arms({rule()}, catalog);
  const auto group = [&](const Labels& labels, std::string_view trace) {
    return parse_rollout_key(place(arms, labels, trace))->group;
  };
  const Labels canary = {{"service", "shop"}, {"variant", "canary"}, {"user", "ada"}, {"session", "1"}};
  const Labels stable = {{"service", "shop"}, {"variant", "stable"}, {"user", "ada"}, {"session", "2"}};
  EXPECT_EQ(group(canary, "t1"), group(stable, "t2"));
  std::set<size_t> groups;
  for (int i = 0; i < 1000; ++i)
    groups.insert(group({{"service", "shop"}, {"variant", "canary"}}, "trace-" + std::to_string(i)));
  EXPECT_EQ(groups.size(), kRandomGroups) << "without a user or session each request is a unit";
  EXPECT_EQ(place(arms, {{"service", "shop"}, {"variant", "canary"}}, ""), "") << "nothing names it";
}

TEST(RolloutArms, OnlyWhatIsComparedCounts) {
  MeasureCatalog catalog;
  const RolloutArms arms({rule()}, catalog);
  arms.for_each({{"service", "shop"}, {"variant", "canary"}}, "t", [&](const RolloutArms::Place& at) {
    EXPECT_EQ(at.measures, (std::vector<MeasureId>{m_requests, m_refusal_rate}));
  });
  EXPECT_TRUE(arms.knows("prompt-v13"));
  EXPECT_FALSE(arms.knows("prompt-v14"));
}

}  // namespace
}  // namespace tidewatch
