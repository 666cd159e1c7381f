// What happens to one series, or to many at once, must not cost the others their alerts.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "tests/unit/stream/detect/detect_run.h"

namespace tidewatch {
namespace {

constexpr int kEnd = 480;
const std::vector<std::string> kServices{"service=a", "service=b", "service=c", "service=d", "service=e"};

/// Errors of 100 requests of a service in a minute.
using Errors = std::function<int(const std::string& service, int minute)>;

int usual(const std::string& service, int minute) {
  return 1 + static_cast<int>((minute * 7 + service.back() * 3) % 5 == 0);
}

std::vector<v1::Alert> play(const Errors& errors) {
  auto rule = quick_rule("error_rate");
  rule.settings.emplace_back("adapt_after", "30");
  DetectRun run(quick_options({rule}));
  for (int m = 0; m < kEnd; ++m) {
    for (const auto& service : kServices) run.feed(traffic(service, m, errors(service, m)));
    run.watermark(m + 1);
  }
  return run.alerts();
}

std::vector<v1::Alert> of(const std::vector<v1::Alert>& alerts, const std::string& service) {
  std::vector<v1::Alert> out;
  for (const auto& alert : alerts)
    if ("service=" + alert.labels().at("service") == service) out.push_back(alert);
  return out;
}

std::string bytes(const std::vector<v1::Alert>& alerts) {
  std::string out;
  for (const auto& alert : alerts) out += alert.SerializeAsString();
  return out;
}

bool fired_at(const std::vector<v1::Alert>& alerts, int from, int to) {
  return std::any_of(alerts.begin(), alerts.end(), [&](const v1::Alert& alert) {
    const auto seconds = alert.observed_at().seconds();
    return alert.transition() == "fired" && seconds > minute(from).time_since_epoch().count() / 1'000'000'000 &&
           seconds <= minute(to).time_since_epoch().count() / 1'000'000'000;
  });
}

/// An incident of b, by which it is seen that b is still heard.
int with_incident_of_b(const std::string& service, int minute) {
  return service == "service=b" && minute >= 440 && minute < 450 ? 60 : usual(service, minute);
}

TEST(Starvation, OneExplodingSeriesChangesNothingForTheOthers) {
  const auto calm = play(with_incident_of_b);
  const auto exploding = play([](const std::string& service, int minute) {
    if (service == "service=a" && minute >= 100 && minute < 400 && minute % 20 < 6) return 80;
    return with_incident_of_b(service, minute);
  });
  EXPECT_GE(of(exploding, "service=a").size(), 4U);
  for (size_t i = 1; i < kServices.size(); ++i)
    EXPECT_EQ(bytes(of(exploding, kServices[i])), bytes(of(calm, kServices[i]))) << kServices[i];
  EXPECT_TRUE(fired_at(of(exploding, "service=b"), 440, 445));
}

TEST(Starvation, TheExplodingSeriesIsHeardAgainWhenItWasCalm) {
  const auto alerts = play([](const std::string& service, int minute) {
    if (service == "service=a" && minute >= 100 && minute < 220 && minute % 20 < 6) return 80;
    if (service == "service=a" && minute >= 440 && minute < 450) return 60;
    return usual(service, minute);
  });
  EXPECT_TRUE(fired_at(of(alerts, "service=a"), 100, 105));
  EXPECT_FALSE(fired_at(of(alerts, "service=a"), 300, 440));
  EXPECT_TRUE(fired_at(of(alerts, "service=a"), 440, 445));
}

TEST(Starvation, ADeployThatMovesManySeriesLeavesTheOthersAsTheyWere) {
  const auto calm = play(with_incident_of_b);
  const auto deployed = play([](const std::string& service, int minute) {
    const bool is_moved = service != "service=b" && service != "service=c" && minute >= 200;
    return with_incident_of_b(service, minute) + (is_moved ? 15 : 0);
  });
  for (const char* moved : {"service=a", "service=d", "service=e"})
    EXPECT_TRUE(fired_at(of(deployed, moved), 200, 230)) << moved;
  for (const char* still : {"service=b", "service=c"})
    EXPECT_EQ(bytes(of(deployed, still)), bytes(of(calm, still))) << still;
}

TEST(Starvation, SeriesThatADeployMovedAreHeardAtTheirNewLevel) {
  const auto alerts = play([](const std::string& service, int minute) {
    if (service == "service=a" && minute >= 440 && minute < 450) return 70;
    return usual(service, minute) + (minute >= 200 ? 15 : 0);
  });
  EXPECT_TRUE(fired_at(of(alerts, "service=a"), 200, 230));
  EXPECT_TRUE(fired_at(of(alerts, "service=a"), 440, 445));
}

}  // namespace
}  // namespace tidewatch
