#include "app/demo/demo.h"

#include <google/protobuf/util/time_util.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "app/flow.h"
#include "app/gen/simulator.h"
#include "stream/runtime/local_runner.h"

namespace tidewatch {
namespace {

DemoOptions small() {
  DemoOptions out{.traffic = {}, .config = default_config()};
  out.traffic.hours = 4;
  out.traffic.history = 2;
  out.traffic.tail = 0.5;
  out.traffic.rate = 8;
  return out;
}

Timestamp decided(const v1::Alert& alert) {
  return Timestamp(Duration(google::protobuf::util::TimeUtil::TimestampToNanoseconds(alert.observed_at())));
}

/// Id and transition of each alert of the judged period.
using Told = std::multiset<std::string>;

void tell(const v1::Alert& alert, Timestamp until, Told& told) {
  if (decided(alert) <= until)
    told.insert(alert.id() + " " + alert.transition() + " " + alert.severity() + " " + alert.why());
}

/// What the same traffic makes of the same stages without any broker.
Told told_by_local_runner(const DemoOptions& options) {
  auto simulator = gen::Simulator::create(options.traffic, OtlpEncoding::protobuf);
  EXPECT_TRUE(simulator.ok());
  Config config = options.config;
  config.detect.format = WireFormat::protobuf;
  auto flow = make_flow(config);
  EXPECT_TRUE(flow.ok());
  LocalRunner::Options local;
  local.waits_for_sources = true;
  local.keep_history = false;
  LocalRunner runner(
      local, std::move(flow).value(),
      {{Stream::traces, 1}, {Stream::logs, 1}, {Stream::feedback, 1}, {Stream::evaluations, 1}, {Stream::commands, 0}});
  runner.end_input(Stream::logs, 0);
  runner.end_input(Stream::evaluations, 0);
  simulator->run([&](const gen::Emission& emission) {
    runner.append(emission.stream == gen::Stream::traces ? Stream::traces : Stream::feedback, 0,
                  {emission.key, emission.payload, {}, emission.export_time});
    return true;
  });
  runner.end_input();
  runner.run();
  Told out;
  for (const auto& record : runner.take_records(Stream::alerts)) {
    v1::Alert alert;
    EXPECT_TRUE(alert.ParseFromString(record.value));
    tell(alert, simulator->scenario().end, out);
  }
  return out;
}

TEST(Demo, TellsOverTheEmbeddedBrokerWhatTheStagesTellWithoutOne) {
  const DemoOptions options = small();
  Timestamp end{};
  double done = 0;
  size_t alerts_seen = 0;
  const auto report = run_demo(options, {.on_start = [&](const gen::Scenario& scenario) { end = scenario.end; },
                                         .on_progress = [&](const DemoProgress& now) { done = now.done; },
                                         .on_alert = [&](const v1::Alert&) { ++alerts_seen; }});
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ(report->losses, std::vector<std::string>{});
  EXPECT_GT(report->spans, 10'000U);
  EXPECT_GT(report->requests, 2'000U);
  EXPECT_GT(done, 0.99);
  EXPECT_EQ(alerts_seen, report->alerts.size());
  EXPECT_EQ(report->assessment.expected(), 10U);
  Told told;
  for (const auto& alert : report->alerts) tell(alert, end, told);
  EXPECT_FALSE(told.empty()) << "no alert: this test compares nothing";
  EXPECT_EQ(told, told_by_local_runner(options));
}

/// However slow the machine is, as with the thread sanitizer: only that a source was left behind is then no mistake.
TEST(Demo, ReadsAllThatWasSent) {
  DemoOptions options = small();
  options.traffic.hours = 1;
  options.traffic.history = 0;
  auto report = run_demo(options, {});
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_GT(report->spans, 1000U);
  EXPECT_GT(report->requests, 300U);
  std::erase_if(report->losses,
                [](const std::string& loss) { return loss.ends_with("requests came after their window was closed"); });
  EXPECT_EQ(report->losses, std::vector<std::string>{});
}

TEST(Demo, OptionsThatCannotBeAreErrors) {
  DemoOptions options = small();
  options.traffic.rate = -1;
  const auto report = run_demo(options, {});
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().code, "bad_option");
}

}  // namespace
}  // namespace tidewatch
