#include "stream/alert/alert_matcher.h"

#include <gtest/gtest.h>

namespace tidewatch {
namespace {

v1::Alert refusals() {
  v1::Alert out;
  out.set_id("id1");
  out.set_incident_id("in1");
  out.set_measure("refusal_rate");
  out.set_rule("refusals");
  out.set_kind("shift");
  out.set_severity("page");
  out.mutable_cause()->set_kind("model");
  (*out.mutable_labels())["service"] = "shop";
  (*out.mutable_labels())["endpoint"] = "/rag/answer";
  return out;
}

bool fits(std::string_view text) {
  const auto matcher = LabelMatcher::parse(text);
  EXPECT_TRUE(matcher.ok()) << text << ": " << (matcher.ok() ? "" : matcher.error().message);
  return matcher.ok() && fit({*matcher}, refusals());
}

TEST(AlertMatcher, ComparesLabelsAndWhatAnAlertIs) {
  for (const char* text : {"service=shop", "endpoint=/rag/answer", "measure=refusal_rate", "rule=refusals",
                           "kind=shift", "severity=page", "cause=model", "alert_id=id1", "incident=in1"})
    EXPECT_TRUE(fits(text)) << text;
  EXPECT_FALSE(fits("service=Shop"));
  EXPECT_TRUE(fits("service!=desk"));
  EXPECT_FALSE(fits("service!=shop"));
}

TEST(AlertMatcher, AnAbsentLabelIsEmpty) {
  EXPECT_TRUE(fits("model="));
  EXPECT_FALSE(fits("service="));
  EXPECT_TRUE(fits("model!=gpt"));
}

TEST(AlertMatcher, ExpressionsMatchTheWholeValue) {
  EXPECT_TRUE(fits("endpoint=~/rag/.*"));
  EXPECT_FALSE(fits("endpoint=~/rag"));
  EXPECT_TRUE(fits("endpoint!~/rag"));
  EXPECT_TRUE(fits("cause=~model|provider"));
}

TEST(AlertMatcher, SaysWhatIsWrong) {
  for (const auto& [text, said] :
       std::initializer_list<std::pair<const char*, const char*>>{{"service", "is no matcher"},
                                                                  {"service!shop", "is no matcher"},
                                                                  {"=shop", "needs the name of a label"},
                                                                  {"endpoint=~(", "is no regular expression"}}) {
    const auto made = LabelMatcher::parse(text);
    ASSERT_FALSE(made.ok()) << text;
    EXPECT_EQ(made.error().code, "bad_matcher");
    EXPECT_NE(made.error().message.find(said), std::string::npos) << made.error().message;
  }
  EXPECT_FALSE(LabelMatcher::make("service", "==", "shop").ok());
  EXPECT_EQ(LabelMatcher::make("service", "", "shop")->op(), "=");
}

TEST(AlertMatcher, TextReadsBack) {
  for (const char* text : {"a=b", "a!=b", "a=~b.*", "a!~b", "a==b"}) {
    const auto made = LabelMatcher::parse(text);
    ASSERT_TRUE(made.ok());
    EXPECT_EQ(made->text(), text);
  }
}

}  // namespace
}  // namespace tidewatch
