// Two services of simulated traffic as the arms of rollouts, from spans to decisions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "unit/app/command_run.h"

namespace tidewatch::app_test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

TEST(Rollouts, WhatIsAsGoodIsPromotedAndWhatIsSlowerIsRolledBack) {
  const std::string folder = ::testing::TempDir() + "rollouts";
  const auto generated = run_command({"gen", "--scenario", "outage", "--hours", "2", "--history", "2", "--rate", "12",
                                      "--seed", "5", "--out", folder});
  ASSERT_EQ(generated.exit, Exit::ok) << generated.err;
  const std::string config = written("rollouts.yaml", R"(rollouts:
  - name: same
    arms: {label: service, control: shop-assistant, treatment: helpdesk}
    steps: [50, 100]
    hold: 2h
    sample_ratio: false
    guard: {error_rate: {worse_by: 5pp}}
  - name: slow
    arms: {label: service, control: docs-search, treatment: helpdesk}
    steps: [25, 50, 100]
    sample_ratio: false
    guard: {latency_p50: {worse_by: 10%}, error_rate: {worse_by: 5pp}}
)");
  const auto judged = run_command({"backtest", "--config", config, "--spans", folder + "/spans.jsonl", "--out", folder,
                                   "--now", "2100-01-01T00:00:00Z"});
  ASSERT_EQ(judged.exit, Exit::ok) << judged.err;
  std::map<std::string, std::vector<json>> decisions;
  std::ifstream file(folder + "/rollouts.jsonl");
  for (std::string line; std::getline(file, line);) {
    json decision = json::parse(line);
    decisions[decision["rollout"]].push_back(std::move(decision));
  }
  ASSERT_EQ(decisions.size(), 2U);
  EXPECT_EQ(decisions["same"].front()["decision"], "start");
  EXPECT_EQ(decisions["same"].back()["decision"], "promote");
  EXPECT_EQ(decisions["same"].back()["step"], 100.0);
  const json& slow = decisions["slow"].back();
  EXPECT_EQ(slow["decision"], "rollback");
  EXPECT_EQ(slow["because"], "guard_failed");
  EXPECT_EQ(slow["step"], 0.0);
  EXPECT_THAT(slow["reason"].get<std::string>(), HasSubstr("latency_p50 is surely worse than allowed: "));
  EXPECT_EQ(slow["guards"][0]["verdict"], "worse");
}

}  // namespace
}  // namespace tidewatch::app_test
