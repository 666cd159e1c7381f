// E-mail through libcurl to a server of the test.
#include <gmock/gmock.h>

#include "unit/stream/notify/mail_server.h"
#include "unit/stream/notify/notices.h"
#include "unit/stream/notify/notify_run.h"

namespace tidewatch {
namespace {

using namespace std::chrono_literals;
using fake_model::FakeSurroundings;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

SinkOptions mail_to(const MailServer& server) {
  SinkOptions out;
  out.name = "people";
  out.type = SinkType::email;
  out.url = server.url();
  out.from = "tidewatch@example.com";
  out.to = {"ada@example.com", "bob@example.com"};
  out.starttls = false;
  out.backoff = 100ms;
  return out;
}

TEST(Mail, AnIncidentIsOneThread) {
  MailServer server;
  FakeSurroundings time;
  NotifyRun run(time, mail_to(server));
  v1::Notice opened = incident("9d1f", "opened", 0s, "page");
  opened.mutable_incident()->set_title("service=kafé: refusal_rate");
  opened.mutable_incident()->set_why("Naïve answers.\n.\nA line of its own.");
  run.happens(opened);
  ASSERT_TRUE(run.all_told());
  run.happens(incident("9d1f", "joined", 1min));
  run.happens(incident("9d1f", "resolved", 2min));
  ASSERT_TRUE(run.all_told());
  const auto mails = server.mails();
  ASSERT_THAT(mails, SizeIs(2)) << "nobody is written to because another alert joins";
  EXPECT_EQ(mails[0].from, "tidewatch@example.com");
  EXPECT_THAT(mails[0].to, ElementsAre("ada@example.com", "bob@example.com"));
  EXPECT_EQ(mails[0].header("Message-ID"), "<incident.9d1f@example.com>");
  EXPECT_THAT(mails[0].header("Subject"), HasSubstr("=?utf-8?B?"));
  EXPECT_THAT(mails[0].data, HasSubstr("Na=C3=AFve answers."));
  EXPECT_THAT(mails[0].data, HasSubstr("A line of its own."));
  EXPECT_EQ(mails[1].header("References"), mails[0].header("Message-ID"));
  EXPECT_EQ(mails[1].header("In-Reply-To"), mails[0].header("Message-ID"));
  EXPECT_NE(mails[1].header("Message-ID"), mails[0].header("Message-ID"));
  EXPECT_THAT(mails[1].data, HasSubstr("Resolved: service=3Dshop"));
}

TEST(Mail, WhatTheServerCannotTakeNowComesLaterAndWhatItRefusesIsADeadLetter) {
  MailServer server;
  server.answer_receivers("451 try later");
  FakeSurroundings time;
  NotifyRun run(time, mail_to(server));
  run.happens(incident("a", "opened"));
  ASSERT_TRUE(run.eventually([&] { return run.metrics().total("sink_failures") >= 2; }));
  server.answer_receivers("250 OK");
  ASSERT_TRUE(run.all_told());
  EXPECT_THAT(server.mails(), SizeIs(1));
  server.answer_receivers("550 no such user");
  run.happens(incident("b", "opened"));
  ASSERT_TRUE(run.eventually([&] { return !run.letters().empty(); }));
  EXPECT_THAT(run.letters()[0].message(), HasSubstr("smtp_550"));
}

TEST(Mail, NothingIsSentWithoutTlsWhereItIsAskedFor) {
  MailServer server;
  SinkOptions sink = mail_to(server);
  sink.starttls = true;
  FakeSurroundings time;
  NotifyRun run(time, sink);
  run.happens(incident("a", "opened"));
  EXPECT_TRUE(run.eventually([&] { return run.metrics().total("sink_failures") > 0; }));
  EXPECT_THAT(server.mails(), SizeIs(0));
}

}  // namespace
}  // namespace tidewatch
