#include "app/testset/item_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidewatch {
namespace {

using Json = nlohmann::ordered_json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TestItem whole() {
  TestItem out;
  out.messages = {{"system", "Be short."}, {"user", "When are you open?"}};
  out.documents = {"We are open from nine to five.", "Closed on Sundays."};
  out.schema = R"({"type":"object"})";
  out.ideals = {"From nine to five."};
  out.answer = "At nine.";
  out.labels = {{"endpoint", "/chat"}, {"segment", "paying"}};
  out.trace_id = "5b8efff798038103d269b633813fc60c";
  out.tags = {"sampled", "failed_short"};
  out.weight = 12.5;
  out.id = content_id(out);
  return out;
}

TEST(ItemJson, ComesBackAsItWasWritten) {
  const auto back = item_from_json(item_json(whole()));
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_EQ(*back, whole());
  EXPECT_EQ(*item_from_any_json(item_json(whole())), whole());
}

TEST(ItemJson, ComesBackFromLangfuse) {
  const Json written = langfuse_json(whole(), "opening-hours");
  EXPECT_EQ(written["datasetName"], "opening-hours");
  EXPECT_EQ(written["expectedOutput"], "From nine to five.");
  EXPECT_EQ(written["sourceTraceId"], "5b8efff798038103d269b633813fc60c");
  const auto back = item_from_any_json(written);
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_EQ(*back, whole());
}

TEST(ItemJson, ReadsWhatLangfuseReturns) {
  const Json item = Json::parse(R"({"id":"ds-1","status":"ACTIVE","input":{"question":"Where?","context":["Here."]},
      "expectedOutput":"Here.","metadata":{"endpoint":"/rag","tries":3},"sourceTraceId":null,"datasetName":"x",
      "createdAt":"2026-01-01T00:00:00Z"})");
  const auto read = item_from_any_json(item);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->id, "ds-1");
  EXPECT_EQ(read->messages, (std::vector<TestItem::Message>{{"user", "Where?"}}));
  EXPECT_THAT(read->documents, ElementsAre("Here."));
  EXPECT_THAT(read->ideals, ElementsAre("Here."));
  EXPECT_EQ(read->labels.at("endpoint"), "/rag");
}

TEST(ItemJson, ReadsOpenAiEvals) {
  const auto messages = item_from_any_json(Json::parse(
      R"({"input":[{"role":"system","content":"Translate."},{"role":"user","content":"Haus"}],"ideal":["house","home"]})"));
  ASSERT_TRUE(messages.ok());
  EXPECT_EQ(messages->messages.size(), 2u);
  EXPECT_THAT(messages->ideals, ElementsAre("house", "home"));
  EXPECT_EQ(messages->id, content_id(*messages));
  const auto wrapped =
      item_from_any_json(Json::parse(R"({"item":{"question":"2+2?","ground_truth":"4"},"sample":{}})"));
  ASSERT_TRUE(wrapped.ok());
  EXPECT_EQ(wrapped->messages.back().content, "2+2?");
  EXPECT_THAT(wrapped->ideals, ElementsAre("4"));
}

TEST(ItemJson, GivesOpenAiEvalsTheContextWhereItIsLookedFor) {
  const Json written = openai_evals_json(whole());
  EXPECT_THAT(written["input"][0]["content"].get<std::string>(), HasSubstr("Closed on Sundays."));
  EXPECT_EQ(written["input"].back()["content"], "When are you open?");
  EXPECT_EQ(written["ideal"], Json::array({"From nine to five."}));
  EXPECT_EQ(written["metadata"]["labels"]["segment"], "paying");
}

TEST(ItemJson, PartsOfAContentAreItsTexts) {
  const auto read = item_from_any_json(Json::parse(
      R"({"messages":[{"role":"user","content":[{"type":"text","text":"Look:"},{"type":"image_url","image_url":{}},{"type":"text","text":"what is it?"}]}]})"));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->messages[0].content, "Look:\nwhat is it?");
}

TEST(ItemJson, NamesWhatIsWrong) {
  const auto error_of = [](const char* text) {
    const auto read = item_from_any_json(Json::parse(text));
    return read ? std::string("none") : read.error().message;
  };
  EXPECT_THAT(error_of(R"({"ideal":"4"})"), HasSubstr("input is missing"));
  EXPECT_THAT(error_of(R"({"input":""})"), HasSubstr("asks nothing"));
  EXPECT_THAT(error_of(R"({"input":7})"), HasSubstr("a text or a list of messages"));
  EXPECT_THAT(error_of(R"({"input":[{"role":"user"}]})"), HasSubstr("a role and a content"));
  EXPECT_THAT(error_of(R"({"input":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]})"),
              HasSubstr("ends with an answer"));
  EXPECT_THAT(error_of(R"({"input":"a","ideal":[1]})"), HasSubstr("ideal must be"));
  EXPECT_THAT(error_of(R"({"input":"a","weight":-1})"), HasSubstr("weight"));
  EXPECT_THAT(error_of(R"({"input":{"colour":"red"}})"), HasSubstr("input is an object without"));
}

TEST(ItemJson, WhatIsAskedDecidesTheId) {
  TestItem other = whole();
  other.answer = "something else";
  other.tags = {};
  EXPECT_EQ(content_id(other), content_id(whole()));
  other.documents.pop_back();
  EXPECT_NE(content_id(other), content_id(whole()));
}

}  // namespace
}  // namespace tidewatch
