#include "stream/assemble/turns.h"

#include <gtest/gtest.h>

#include "tests/unit/stream/assemble/assemble_run.h"
#include "tidewatch/v1/turn.pb.h"

namespace tidewatch {
namespace {

std::vector<std::pair<std::string, v1::Turn>> turns(AssembleRun& run) {
  std::vector<std::pair<std::string, v1::Turn>> out;
  for (const Output& output : run.out().outputs()) {
    if (output.stream != Stream::turns) continue;
    out.emplace_back(output.key, v1::Turn()).second.ParseFromString(output.value);
  }
  return out;
}

v1::Fragment request(std::string_view session, std::string_view user = "") {
  auto entry = root("r", 0, 10);
  if (!session.empty()) label(entry, "session", session);
  if (!user.empty()) label(entry, "user", user);
  label(entry, "segment", "free");
  auto call = llm("m", "r", 1, 9);
  answered(call, true);
  call.mutable_signals()->set_question_fingerprint(42);
  return fragment("trace-1", {entry, call}, 7, 3);
}

TEST(Turns, ARequestOfASessionIsOneTurn) {
  AssembleRun run;
  run.feed(request("c1", "ann"));
  run.watermark(100);
  run.feed(request("c1", "ann"));  // a copy
  run.watermark(200);
  const auto found = turns(run);
  ASSERT_EQ(found.size(), 1u);
  const auto& [key, turn] = found[0];
  EXPECT_EQ(key, "service=shop,session=c1");
  EXPECT_EQ(turn.trace_id(), "trace-1");
  EXPECT_EQ(turn.start_unix_nano(), nanos(0));
  EXPECT_EQ(turn.end_unix_nano(), nanos(10));
  EXPECT_TRUE(turn.refused());
  EXPECT_FALSE(turn.failed());
  EXPECT_EQ(turn.question_fingerprint(), 42u);
  EXPECT_EQ(turn.answer_chars(), 80u);
  EXPECT_EQ(turn.source().partition(), 3);
  EXPECT_EQ(turn.source().offset(), 7);
}

TEST(Turns, CarryTheLabelsOfEntitiesAndTheUser) {
  AssembleRun run;
  run.feed(request("c1", "ann"));
  run.watermark(100);
  const auto found = turns(run);
  ASSERT_EQ(found.size(), 1u);
  std::vector<std::string> names;
  for (const auto& label : found[0].second.labels()) names.push_back(label.name());
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (std::vector<std::string>{"endpoint", "model", "service", "user"}));
}

TEST(Turns, WithoutASessionThereIsNone) {
  AssembleRun run;
  run.feed(request("", "ann"));
  run.watermark(100);
  EXPECT_TRUE(turns(run).empty());
  EXPECT_EQ(run.count("turns"), 0u);
}

TEST(Turns, TheUserStandsForTheSessionWhereTheConfigSaysSo) {
  AssembleOptions options;
  options.sessions_by = {"session", "user"};
  AssembleRun run(options);
  run.feed(request("", "ann"));
  run.watermark(100);
  ASSERT_EQ(turns(run).size(), 1u);
  EXPECT_EQ(turns(run)[0].first, "service=shop,user=ann");
}

TEST(Turns, AFailedRequestKnowsWhatWasAsked) {
  AssembleRun run;
  auto entry = root("r", 0, 10);
  label(entry, "session", "c1");
  auto call = llm("m", "r", 1, 9);
  failed(call, "timeout");
  call.mutable_signals()->set_question_fingerprint(42);
  run.feed(fragment("trace-1", {entry, call}));
  run.watermark(100);
  ASSERT_EQ(turns(run).size(), 1u);
  EXPECT_TRUE(turns(run)[0].second.failed());
  EXPECT_EQ(turns(run)[0].second.question_fingerprint(), 42u);
}

TEST(Turns, FeedbackOfAUserIsAVoteOfTheSession) {
  AssembleRun run;
  run.feed(request("c1"));
  run.feed(fragment("trace-1", thumb("f1", 12, false)));
  run.watermark(100);
  run.feed(fragment("trace-1", thumb("f1", 13, true, v1::FEEDBACK_OP_UPDATE)));
  auto by_annotator = thumb("f2", 14, false);
  by_annotator.set_source("annotator");
  run.feed(fragment("trace-1", by_annotator));
  run.watermark(101);
  const auto found = turns(run);
  ASSERT_EQ(found.size(), 3u) << "a change is one, too";
  for (const size_t i : {1, 2}) {
    EXPECT_EQ(found[i].first, "service=shop,session=c1");
    EXPECT_TRUE(found[i].second.is_vote());
    EXPECT_EQ(found[i].second.end_unix_nano(), nanos(11.0 + static_cast<double>(i)));
  }
}

}  // namespace
}  // namespace tidewatch
