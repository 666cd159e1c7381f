#include "app/backtest/incident_labels.h"

#include <gmock/gmock.h>

#include "stream/publish/timestamps.h"
#include "tests/unit/app/command_run.h"

namespace tidewatch {
namespace {

using app_test::written;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

std::string error_of(const std::string& name, const std::string& content) {
  const auto read = read_incident_labels(written(name, content));
  if (read.ok()) return "no error";
  EXPECT_EQ(read.error().code, "bad_label");
  return read.error().message;
}

TEST(IncidentLabels, AJsonLineSaysEverything) {
  const auto read = read_incident_labels(written(
      "labels.jsonl",
      R"({"incident":"outage-1","kind":"service","scenario":"outage","starts_at":"2026-03-05T01:30:00Z","ends_at":"2026-03-05T02:00:00+00:00","labels":{"service":"helpdesk"},"measures":["error_rate"],"expect_alert":false,"why":"it fails"})"));
  ASSERT_TRUE(read.ok()) << read.error().message;
  ASSERT_EQ(read->size(), 1U);
  const IncidentLabel& label = read->front();
  EXPECT_EQ(label.incident, "outage-1");
  EXPECT_EQ(label.kind, "service");
  EXPECT_EQ(rfc3339(label.starts_at), "2026-03-05T01:30:00Z");
  EXPECT_EQ(rfc3339(label.ends_at), "2026-03-05T02:00:00Z");
  EXPECT_THAT(label.labels, ElementsAre(Pair("service", "helpdesk")));
  EXPECT_THAT(label.measures, ElementsAre("error_rate"));
  EXPECT_FALSE(label.is_alert_expected);
  EXPECT_EQ(label.why, "it fails");
}

TEST(IncidentLabels, BetweenTwoTimesIsEnough) {
  const auto read = read_incident_labels(
      written("labels.jsonl", "\n{\"start\": \"2026-03-05 01:30\", \"end\": \"2026-03-05 02:00\"}\n"));
  ASSERT_TRUE(read.ok()) << read.error().message;
  ASSERT_EQ(read->size(), 1U);
  EXPECT_EQ(read->front().incident, "line 2");
  EXPECT_TRUE(read->front().is_alert_expected);
  EXPECT_TRUE(read->front().labels.empty());
}

TEST(IncidentLabels, CsvHasAColumnForEachLabel) {
  const auto read =
      read_incident_labels(written("labels.csv",
                                   "start,end,kind,labels.service,labels.endpoint,measure,expect_alert,why\n"
                                   "2026-03-05 01:30,2026-03-05 02:00,prompt,shop,,refusal_rate;cost,,\n"
                                   "2026-03-06 01:30,2026-03-06 02:00,launch,shop,/chat,,false,\"so, a launch\"\n"));
  ASSERT_TRUE(read.ok()) << read.error().message;
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ(read->at(0).incident, "line 2");
  EXPECT_THAT(read->at(0).labels, ElementsAre(Pair("service", "shop")));
  EXPECT_THAT(read->at(0).measures, ElementsAre("refusal_rate", "cost"));
  EXPECT_TRUE(read->at(0).is_alert_expected);
  EXPECT_THAT(read->at(1).labels, ElementsAre(Pair("endpoint", "/chat"), Pair("service", "shop")));
  EXPECT_FALSE(read->at(1).is_alert_expected);
  EXPECT_EQ(read->at(1).why, "so, a launch");
}

TEST(IncidentLabels, WhatIsWrongIsToldWithItsLine) {
  const std::string times = R"("starts_at":"2026-03-05T01:30:00Z","ends_at":"2026-03-05T02:00:00Z")";
  EXPECT_THAT(error_of("a.jsonl", "{" + times + "}\n{" + times + ",\"kid\":\"x\"}\n"),
              HasSubstr("a.jsonl:2: kid: unknown key; did you mean \"kind\"?"));
  EXPECT_THAT(error_of("a.jsonl", "{" + times), HasSubstr("a.jsonl:1: is no JSON"));
  EXPECT_THAT(error_of("a.jsonl", R"({"starts_at":"soon","ends_at":"2026-03-05T02:00:00Z"})"),
              HasSubstr("starts_at: \"soon\" is not a time as 2026-03-01T12:00:00Z"));
  EXPECT_THAT(error_of("a.jsonl", R"({"starts_at":"2026-03-05T02:00:00Z"})"), HasSubstr("ends_at: is missing"));
  EXPECT_THAT(error_of("a.jsonl", R"({"start":"2026-03-05T02:00:00Z","end":"2026-03-05T01:00:00Z"})"),
              HasSubstr("is before starts_at"));
  EXPECT_THAT(error_of("a.jsonl", "{" + times + R"(,"labels":{"service":3}})"), HasSubstr("labels.service: 3"));
  EXPECT_THAT(error_of("a.jsonl", "{" + times + R"(,"labels":"shop"})"), HasSubstr("is not a map"));
  EXPECT_THAT(error_of("a.jsonl", "{" + times + R"(,"expect_alert":"no"})"), HasSubstr("neither true nor false"));
  EXPECT_THAT(error_of("a.jsonl", "{" + times + R"(,"start":"2026-03-05T01:30:00Z"})"), HasSubstr("write one of them"));
  EXPECT_THAT(error_of("b.csv", "start,end,service\n"), HasSubstr("b.csv:1: column \"service\""));
  EXPECT_THAT(error_of("b.csv", "start,end\n2026-03-05,tomorrow\n"), HasSubstr("b.csv:2: ends_at: \"tomorrow\""));
  EXPECT_THAT(error_of("b.csv", "start,end\n2026-03-05,2026-03-06,shop\n"),
              HasSubstr("has 3 fields, but the header 2"));
}

TEST(IncidentLabels, AFileThatIsNotThereIsAnError) {
  const auto read = read_incident_labels("/nowhere/labels.csv");
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code, "open_failed");
}

}  // namespace
}  // namespace tidewatch
