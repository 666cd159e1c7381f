#include "tests/unit/stream/replay.h"

#include <gmock/gmock.h>

#include <random>
#include <set>

#include "stream/alert/alerting.h"
#include "tests/unit/stream/alert/alert_run.h"

namespace tidewatch {
namespace {

using namespace std::chrono_literals;

std::string of_alert(v1::Alert alert) {
  v1::Raised out;
  *out.mutable_alert() = std::move(alert);
  return out.SerializeAsString();
}

std::string of_command(v1::Command command, const std::string& id, double at) {
  command.set_id(id);
  *command.mutable_at() = to_proto(minute(at));
  v1::Raised out;
  *out.mutable_command() = std::move(command);
  return out.SerializeAsString();
}

/// Alerts of several endpoints that come up to ten minutes out of order, and people who command.
std::vector<LogEntry> log_of(uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto below = [&](uint64_t n) { return static_cast<double>(random() % n); };
  std::vector<LogEntry> out;
  std::map<std::string, bool> is_firing;
  double latest = 0;
  for (int i = 0; i < 120; ++i) {
    const double now = i * 4.0;
    const std::string endpoint = "/" + std::string(1, static_cast<char>('a' + random() % 5));
    const std::string id = endpoint + std::to_string(i / 40);
    switch (random() % 9) {
      case 3: {
        v1::Command mark;
        mark.mutable_mark()->add_alert_ids(id);
        mark.mutable_mark()->set_verdict(random() % 2 == 0 ? "false" : "none");
        out.push_back(LogEntry::data("", of_command(mark, "m" + std::to_string(i), now)));
        break;
      }
      case 0:
        out.push_back(LogEntry::data("", of_command(acknowledge(id), "ack" + std::to_string(i), now)));
        break;
      case 1:
        out.push_back(
            LogEntry::data("", of_command(silence("endpoint", endpoint, now + below(20), now + 20 + below(60)),
                                          "s" + std::to_string(i % 7), now)));
        break;
      case 2:
        out.push_back(
            LogEntry::data("", of_command(expire("s" + std::to_string(i % 7)), "e" + std::to_string(i), now)));
        break;
      default: {
        bool& fires = is_firing[id];
        const std::string severity = random() % 3 == 0 ? "page" : "ticket";
        auto alert = raised(id, fires ? "resolved" : "fired", now - below(10), endpoint, severity);
        if (random() % 3 == 0) alert.mutable_cause()->set_kind("provider");
        fires = !fires;
        out.push_back(LogEntry::data("", of_alert(std::move(alert))));
      }
    }
    if (random() % 3 == 0) {
      latest = std::max(latest, now - below(20));
      out.push_back(LogEntry::mark(minute(latest)));
    }
  }
  out.push_back(LogEntry::mark(minute(2000)));
  return out;
}

TEST(AlertReplay, ARestartAnywhereRepeatsNothingAndForgetsNothing) {
  AlertOptions options;
  options.format = WireFormat::protobuf;
  options.escalate_after = 30min;
  const StageSpec spec{"alert", {Stream::raised}, {}, false, true, [&] { return std::make_unique<Alerting>(options); }};
  std::set<std::string> seen;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    ReplayCheck check(spec, log_of(seed));
    check.run(1 + seed % 6);
    ASSERT_FALSE(::testing::Test::HasFailure()) << "seed " << seed;
    for (const Output& output : check.outputs().outputs()) {
      if (output.stream != Stream::alerts) continue;
      v1::Alert alert;
      ASSERT_TRUE(alert.ParseFromString(output.value));
      seen.insert(alert.transition());
    }
  }
  EXPECT_THAT(seen, testing::UnorderedElementsAre("fired", "resolved", "escalated", "acknowledged", "suppressed",
                                                  "unsuppressed", "marked"))
      << "the traffic is meant to show it";
}

}  // namespace
}  // namespace tidewatch
