#include "stream/evaluate/trace_texts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <vector>

namespace tidewatch {
namespace {

using testing::ElementsAre;

v1::SpanFacts facts(const std::string& id, v1::Operation operation, int64_t start, int64_t end) {
  v1::SpanFacts out;
  out.set_span_id(id);
  out.set_operation(operation);
  out.set_start_unix_nano(start);
  out.set_end_unix_nano(end);
  return out;
}

CallTexts said(const std::string& question, const std::string& answer) {
  CallTexts out;
  out.question = question;
  out.answer = answer;
  return out;
}

CallTexts asked(const std::string& question) {
  CallTexts out;
  out.question = question;
  return out;
}

CallTexts found(std::vector<std::string> documents) {
  CallTexts out;
  out.documents = std::move(documents);
  return out;
}

TEST(TraceTexts, OfTheLastAnswerWithWhatWasRetrievedBeforeIt) {
  const std::vector<std::pair<v1::SpanFacts, CallTexts>> spans = {
      {facts("r1", v1::OPERATION_RETRIEVAL, 1, 2), found({"first"})},
      {facts("r2", v1::OPERATION_RETRIEVAL, 3, 4), found({"second", "third"})},
      {facts("m1", v1::OPERATION_LLM, 2, 3), said("What is asked?", "a plan")},
      {facts("m2", v1::OPERATION_LLM, 5, 6), said("", "the answer")},
      {facts("r3", v1::OPERATION_RETRIEVAL, 7, 8), found({"too late"})},
      {facts("a", v1::OPERATION_AGENT, 0, 9), said("Please answer", "all of it")},
  };
  std::vector<size_t> order = {0, 1, 2, 3, 4, 5};
  do {
    TraceTexts texts;
    for (const size_t i : order) texts.add(spans[i].first, spans[i].second);
    const auto answered = texts.answered();
    ASSERT_TRUE(answered);
    ASSERT_EQ(answered->answer, "the answer") << "of a model, before what an agent repeats";
    ASSERT_EQ(answered->question, "Please answer") << "the first of the request, as the call has none";
    ASSERT_THAT(answered->documents, ElementsAre("first", "second", "third"));
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(TraceTexts, TheDocumentsInACallGoBeforeThoseOfTheRequest) {
  TraceTexts texts;
  texts.add(facts("r", v1::OPERATION_RETRIEVAL, 1, 2), found({"of the search"}));
  auto call = said("q", "a");
  call.documents = {"in the prompt"};
  texts.add(facts("m", v1::OPERATION_LLM, 3, 4), call);
  EXPECT_THAT(texts.answered()->documents, ElementsAre("in the prompt"));
}

TEST(TraceTexts, AnAnswerThatSaysNothingYieldsToOneThatDoes) {
  TraceTexts texts;
  texts.add(facts("m1", v1::OPERATION_LLM, 1, 2), said("q", "something"));
  texts.add(facts("m2", v1::OPERATION_LLM, 3, 4), said("q", ""));
  EXPECT_EQ(texts.answered()->answer, "something");
  TraceTexts silent;
  silent.add(facts("m2", v1::OPERATION_LLM, 3, 4), said("q", ""));
  EXPECT_EQ(silent.answered()->answer, "") << "recorded, and empty";
}

TEST(TraceTexts, LogsSayWhatTheirSpanDoesNot) {
  auto from_log = facts("m", v1::OPERATION_UNKNOWN, 2, 2);
  from_log.set_from_log(true);
  for (const bool log_first : {true, false}) {
    TraceTexts texts;
    const std::vector<std::function<void()>> adds = {
        [&] { texts.add(from_log, said("of the log", "answer of the log")); },
        [&] { texts.add(facts("m", v1::OPERATION_LLM, 1, 2), asked("of the span")); }};
    adds[log_first ? 0 : 1]();
    adds[log_first ? 1 : 0]();
    EXPECT_EQ(texts.answered()->question, "of the span");
    EXPECT_EQ(texts.answered()->answer, "answer of the log");
  }
}

TEST(TraceTexts, WithoutAnAnswerThereIsNothingToJudge) {
  TraceTexts texts;
  EXPECT_FALSE(texts.answered());
  texts.add(facts("m", v1::OPERATION_LLM, 1, 2), asked("asked"));
  EXPECT_FALSE(texts.answered());
}

}  // namespace
}  // namespace tidewatch
