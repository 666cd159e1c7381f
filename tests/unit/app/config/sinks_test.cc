#include <gmock/gmock.h>

#include "tests/unit/app/config/loading.h"

namespace tidewatch {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// What is wrong with one sink.
std::vector<std::string> errors_of_sink(const std::string& sink) {
  return errors_of("sinks: {s: {" + sink + "}}\n", test_environment({{"SECRET", "s3cret"}, {"BAD", "whsec_?"}}));
}

TEST(Full, SinksComeThrough) {
  const auto loaded = load_full();
  ASSERT_THAT(errors_of(loaded), IsEmpty());
  const auto& sinks = loaded.config.sinks;
  ASSERT_THAT(sinks, SizeIs(5));
  EXPECT_EQ(sinks[0].type, SinkType::alertmanager);
  EXPECT_EQ(sinks[0].resend, 30s);
  EXPECT_EQ(sinks[1].routing_key, "pd-key");
  ASSERT_THAT(sinks[2].match, SizeIs(2));
  EXPECT_EQ(sinks[2].match[1].text(), "cause!=telemetry");
  EXPECT_EQ(sinks[3].subject, Subject::incidents);
  EXPECT_EQ(sinks[3].secret, "hush");
  EXPECT_EQ(sinks[3].breaker_longest, 5min);
  EXPECT_THAT(sinks[4].to, ElementsAre("ada@example.com", "bob@example.com"));
}

TEST(Sinks, SecretsAreNeverShownAndDecideAboutNothing) {
  const auto loaded = load_full();
  const std::string shown = show_config(loaded.config);
  for (const char* secret : {"pd-key", "hush", "xoxb-1", "mail-pass"}) EXPECT_THAT(shown, Not(HasSubstr(secret)));
  Config without = loaded.config;
  without.sinks.clear();
  EXPECT_EQ(config_version(without), config_version(loaded.config));
}

TEST(Sinks, NeedWhatTheirTypeNeeds) {
  EXPECT_THAT(errors_of_sink("type: webhook"), ElementsAre(HasSubstr("sinks.s: needs a url")));
  EXPECT_THAT(errors_of_sink("type: pagerduty"), ElementsAre(HasSubstr("needs a routing_key")));
  EXPECT_THAT(errors_of_sink("type: slack, token: '${env:SECRET}'"),
              ElementsAre(HasSubstr("token and channel go together")));
  EXPECT_THAT(errors_of_sink("type: email, url: 'smtp://m'"), ElementsAre(HasSubstr("needs from and to")));
  EXPECT_THAT(errors_of_sink("type: email, url: 'http://m', from: a@b, to: c@d"), ElementsAre(HasSubstr("smtp://")));
  EXPECT_THAT(errors_of_sink("type: webhook, url: 'smtp://m'"), ElementsAre(HasSubstr("http://")));
  EXPECT_THAT(errors_of_sink("type: webhok, url: 'http://m'"), ElementsAre(HasSubstr("did you mean \"webhook\"?")));
  EXPECT_THAT(errors_of_sink("type: email, url: 'smtp://m', from: a@b, to: nobody"),
              ::testing::Contains(HasSubstr("is no e-mail address")));
}

TEST(Sinks, HaveNothingThatIsOfAnotherType) {
  EXPECT_THAT(errors_of_sink("type: webhook, url: 'http://m', channel: '#a'"),
              ::testing::Contains(HasSubstr("sinks.s.channel: is nothing that a sink of this type has")));
  EXPECT_THAT(errors_of_sink("type: alertmanager, url: 'http://m', send: incidents"),
              ElementsAre(HasSubstr("sinks.s.send")));
}

TEST(Sinks, SecretsAreReferencesAndAreKeys) {
  EXPECT_THAT(errors_of_sink("type: webhook, url: 'http://m', secret: plain"),
              ElementsAre(HasSubstr("is secret; write")));
  EXPECT_THAT(errors_of_sink("type: webhook, url: 'http://m', secret: '${env:BAD}'"),
              ElementsAre(HasSubstr("no base64")));
  EXPECT_THAT(errors_of_sink("type: webhook, url: 'http://m', secret: '${env:SECRET}'"), IsEmpty());
}

TEST(Sinks, OfIncidentsMatchWhatIncidentsHave) {
  EXPECT_THAT(errors_of_sink("type: webhook, send: incidents, url: 'http://m', match: [measure=error_rate]"),
              ElementsAre(HasSubstr("\"measure=error_rate\": this sink is told of incidents")));
  EXPECT_THAT(errors_of_sink("type: webhook, send: incidents, url: 'http://m', match: [severity=page, service=shop]"),
              IsEmpty());
}

}  // namespace
}  // namespace tidewatch
