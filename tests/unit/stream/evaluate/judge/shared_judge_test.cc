#include "stream/evaluate/judge/shared_judge.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "tests/fake_model/fake_model_server.h"
#include "tests/fake_model/fake_surroundings.h"

namespace tidewatch {
namespace {

using fake_model::FakeModelServer;
using fake_model::FakeReply;
using testing::IsEmpty;
using testing::SizeIs;

class SharedJudgeTest : public testing::Test {
 protected:
  SharedJudgeTest() : server_(std::vector<FakeReply>{fake_model::says(R"({"reason": "well", "score": 5})")}) {
    JudgeOptions options;
    options.rules = {{.name = "to_the_point", .rubric = "relevance", .pass_from = 0, .where = {}, .share = 1}};
    options.chat.url = server_.url();
    options.chat.model = "fake-model";
    judge_.emplace(Judge::make(std::move(options), surroundings_.given()).value());
  }
  static ChosenRequest chosen(int number, std::optional<double> probability = 0.5) {
    ChosenRequest out;
    out.request.set_trace_id(fmt::format("trace {:010}", number));
    out.request.set_time_unix_nano(1'767'225'600'000'000'000);
    out.request.set_rate(0.5);
    out.probability = probability;
    return out;
  }
  size_t submit(const void* owner, const ChosenRequest& chosen) {
    AnsweredTexts texts;
    texts.question = "Which colour?";
    texts.answer = "Blue.";
    return judge_->submit(owner, texts, {}, chosen);
  }
  std::vector<JudgedAnswer> collect(const void* owner, size_t wanted) {
    std::vector<JudgedAnswer> out;
    for (int i = 0; i < 2'000 && out.size() < wanted; ++i) {
      for (auto& one : judge_->collect(owner)) out.push_back(std::move(one));
      surroundings_.advance(std::chrono::milliseconds(50));
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return out;
  }

  FakeModelServer server_;
  fake_model::FakeSurroundings surroundings_;
  std::optional<SharedJudge> judge_;
  int one_ = 0;
  int two_ = 0;
};

TEST_F(SharedJudgeTest, GivesEachOwnerItsOwn) {
  EXPECT_EQ(submit(&one_, chosen(1)), 1u);
  EXPECT_EQ(submit(&two_, chosen(2)), 1u);
  EXPECT_EQ(submit(&two_, chosen(3, std::nullopt)), 1u);
  const auto of_one = collect(&one_, 1);
  ASSERT_THAT(of_one, SizeIs(1));
  EXPECT_EQ(of_one[0].trace_id, chosen(1).request.trace_id());
  EXPECT_EQ(of_one[0].judge, "to_the_point");
  EXPECT_EQ(of_one[0].unjudged, "");
  EXPECT_EQ(of_one[0].event.inclusion_probability(), 0.5);
  EXPECT_EQ(of_one[0].event.score(), 1);
  EXPECT_FALSE(of_one[0].event.has_time()) << "it is made when it is appended";
  const auto of_two = collect(&two_, 2);
  ASSERT_THAT(of_two, SizeIs(2));
  EXPECT_NE(of_two[0].is_counted, of_two[1].is_counted);
  EXPECT_THAT(judge_->collect(&one_), IsEmpty());
}

TEST_F(SharedJudgeTest, WhoIsGoneGetsNothingAndWhoTakesOverAll) {
  submit(&one_, chosen(1));
  submit(&one_, chosen(2));
  judge_->forget(&one_);
  submit(&two_, chosen(2));
  const auto of_two = collect(&two_, 1);
  ASSERT_FALSE(of_two.empty());
  for (const JudgedAnswer& one : of_two) EXPECT_EQ(one.trace_id, chosen(2).request.trace_id());
  EXPECT_THAT(judge_->collect(&one_), IsEmpty());
}

}  // namespace
}  // namespace tidewatch
