#include "app/flow.h"

#include <gmock/gmock.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/config/config.h"
#include "stream/runtime/local_runner.h"
#include "tidewatch/v1/fragment.pb.h"

namespace tidewatch {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr auto kVote =
    R"({"trace_id":"5b8efff798038103d269b633813fc60c","name":"helpfulness","score":4,"time":"2026-01-01T00:00:05Z"})";

/// What observe makes of one vote under a config.
std::unique_ptr<LocalRunner> observed(const std::string& yaml) {
  const auto loaded = load_config("tidewatch.yaml", yaml, process_environment(""));
  EXPECT_THAT(loaded.errors, SizeIs(0));
  auto runner =
      std::make_unique<LocalRunner>(LocalRunner::Options{}, std::vector{make_flow(loaded.config).value().front()},
                                    std::map{std::pair{Stream::feedback, 1}});
  runner->append(Stream::feedback, 0, {"", kVote, {}, kMinTimestamp});
  runner->run();
  return runner;
}

TEST(MakeFlow, HandsTheScalesOfTheConfigToObserve) {
  const auto runner = observed("scales: {helpfulness: [1, 7]}\n");
  EXPECT_THAT(runner->records(Stream::dead_letter), SizeIs(0));
  ASSERT_THAT(runner->records(Stream::fragments), SizeIs(1));
  v1::Fragment fragment;
  ASSERT_TRUE(fragment.ParseFromString(runner->records(Stream::fragments)[0].value));
  ASSERT_EQ(fragment.feedback_size(), 1);
  EXPECT_EQ(fragment.feedback(0).score(), 0.5);
}

TEST(MakeFlow, WithoutScalesTheDeadLetterSaysWhichKeyToSet) {
  const auto runner = observed("");
  EXPECT_THAT(runner->records(Stream::fragments), SizeIs(0));
  ASSERT_THAT(runner->records(Stream::dead_letter), SizeIs(1));
  const std::string letter = runner->records(Stream::dead_letter)[0].value;
  EXPECT_THAT(letter, HasSubstr("unknown_scale"));
  EXPECT_THAT(letter, HasSubstr("set scales in the config, as in scales: {helpfulness: [1, 5]}"));
}

}  // namespace
}  // namespace tidewatch
