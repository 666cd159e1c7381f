#include "app/rollouts/rollout_gates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "app/rollouts/flag_file.h"
#include "app/rollouts/print_rollouts.h"
#include "stream/publish/encoder.h"
#include "stream/publish/timestamps.h"

namespace tidewatch {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr Timestamp kNow{std::chrono::hours(24 * 365 * 55)};

class Board {
 public:
  Board& decide(const std::string& decision, Timestamp at, double step, bool is_drill = false) {
    v1::RolloutDecision made;
    made.set_rollout("canary");
    *made.mutable_at() = to_proto(at);
    made.set_decision(decision);
    made.set_step(step);
    made.set_drill(is_drill);
    made.set_reason("as told");
    Record record;
    const std::string value = encode(made, WireFormat::json);
    record.value = value;
    board_.take(record);
    return *this;
  }
  int ask(RolloutGate gate, const std::string& since = "") const {
    return answer(gate, board_, "canary", since, kNow).status;
  }
  std::string verdict(const std::string& since = "") const {
    return nlohmann::json::parse(answer(RolloutGate::verdict, board_, "canary", since, kNow).body).at("verdict");
  }
  const RolloutBoard& board() const { return board_; }

 private:
  RolloutBoard board_;
};

TEST(RolloutGates, WithoutADecisionEverybodyWaitsAndNothingIsStopped) {
  const Board board;
  EXPECT_EQ(board.verdict(), "wait");
  EXPECT_EQ(board.ask(RolloutGate::confirm_rollout), 200);
  EXPECT_EQ(board.ask(RolloutGate::rollout), 200);
  EXPECT_EQ(board.ask(RolloutGate::confirm_promotion), 409);
  EXPECT_EQ(board.ask(RolloutGate::rollback), 409);
}

TEST(RolloutGates, ARollbackStopsTheRolloutAndOpensTheInvertedGate) {
  Board board;
  board.decide("start", kNow - 20min, 5).decide("rollback", kNow - 1min, 0);
  EXPECT_EQ(board.verdict(), "rollback");
  EXPECT_EQ(board.ask(RolloutGate::rollout), 409);
  EXPECT_EQ(board.ask(RolloutGate::confirm_increase), 409);
  EXPECT_EQ(board.ask(RolloutGate::confirm_promotion), 409);
  EXPECT_EQ(board.ask(RolloutGate::rollback), 200);
}

TEST(RolloutGates, APromotionOpensThePromotionAlone) {
  Board board;
  board.decide("promote", kNow - 1min, 100);
  EXPECT_EQ(board.verdict(), "promote");
  EXPECT_EQ(board.ask(RolloutGate::confirm_promotion), 200);
  EXPECT_EQ(board.ask(RolloutGate::rollback), 409);
}

TEST(RolloutGates, WhatHoldsRaisesNoTraffic) {
  Board board;
  board.decide("hold", kNow - 1min, 5);
  EXPECT_EQ(board.ask(RolloutGate::confirm_increase), 409);
  EXPECT_EQ(board.ask(RolloutGate::rollout), 200);
  board.decide("advance", kNow, 25);
  EXPECT_EQ(board.ask(RolloutGate::confirm_increase), 200);
}

TEST(RolloutGates, ADecisionIsOfItsRunAlone) {
  Board board;
  board.decide("rollback", kNow - 30min, 0);
  EXPECT_EQ(board.verdict(rfc3339(kNow - 10min)), "wait") << "that was the one before";
  EXPECT_EQ(board.verdict(rfc3339(kNow - 40min)), "rollback");
  Board old;
  old.decide("rollback", kNow - 2h, 0);
  EXPECT_EQ(old.verdict(), "wait");
  EXPECT_EQ(old.ask(RolloutGate::verdict, "yesterday"), 400);
}

TEST(RolloutGates, ADrillChangesNothingAndIsShown) {
  Board board;
  board.decide("start", kNow - 10min, 5).decide("rollback", kNow - 1min, 0, true);
  EXPECT_EQ(board.verdict(), "wait");
  EXPECT_EQ(board.ask(RolloutGate::rollback), 409);
  RolloutRule rule;
  rule.name = "canary";
  EXPECT_THAT(rollouts_text(board.board(), {rule}, kNow), HasSubstr("drilled 1 min ago)"));
  EXPECT_THAT(rollouts_text(board.board(), {rule}, kNow + 24h * 60), HasSubstr("overdue"));
  EXPECT_THAT(rollout_text(board.board(), rule, kNow), HasSubstr("drill: as told"));
}

TEST(DrawnInterval, ShowsWhereTheLimitAndTheEstimateAre) {
  v1::RolloutGuard guard;
  guard.set_difference(0.002);
  guard.set_limit(0.005);
  guard.mutable_interval()->set_low(-0.004);
  guard.mutable_interval()->set_high(0.0045);
  const std::string drawn = drawn_interval(guard, 41);
  EXPECT_EQ(drawn, "-------[============|=====+=======]-!----");
  guard.mutable_interval()->set_high(1);
  EXPECT_THAT(drawn_interval(guard, 41), HasSubstr(">"));
}

TEST(FlagFile, IsReplacedAtOnce) {
  const std::string path = ::testing::TempDir() + "flag.json";
  v1::RolloutDecision decision;
  decision.set_rollout("canary");
  decision.set_step(25);
  decision.set_decision("advance");
  ASSERT_TRUE(write_flag(path, flag_text(decision)));
  std::ifstream file(path);
  const auto read = nlohmann::json::parse(file);
  EXPECT_EQ(read.at("share"), 0.25);
  EXPECT_FALSE(std::filesystem::exists(path + ".new"));
  const auto failed = write_flag("/no/such/folder/flag.json", "{}");
  ASSERT_FALSE(failed.ok());
  EXPECT_THAT(failed.error().message, HasSubstr("/no/such/folder/flag.json"));
}

}  // namespace
}  // namespace tidewatch
