#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "stream/alert/alerting.h"
#include "stream/assemble/assemble.h"
#include "stream/detect/detect.h"
#include "stream/runtime/local_runner.h"
#include "stream/session/session.h"
#include "stream/window/colocation.h"
#include "tests/sim/flow_options.h"
#include "tests/sim/flow_traffic.h"
#include "tests/sim/outcome.h"
#include "tests/sim/seeds.h"
#include "tidewatch/v1/fragment.pb.h"

namespace tidewatch {
namespace {

/// Source: passes fragments on by trace; records say by their append time when they happened.
class ForwardFragments final : public Stage {
 public:
  void on_record(const Record& record, Effects& out) override {
    own_ = std::max(own_, record.append_time - kOutOfOrder);
    out.emit(Stream::fragments, record.key, record.value);
  }
  void on_watermark(Timestamp floor, Effects&) override { own_ = std::max(own_, floor); }
  Timestamp output_watermark() const override { return own_; }

 private:
  Timestamp own_ = kMinTimestamp;
};

std::vector<StageSpec> topology(size_t max_entities, WireFormat format) {
  return {{"forward",
           {Stream::traces},
           {{.stream = Stream::fragments}},
           true,
           false,
           [] { return std::make_unique<ForwardFragments>(); }},
          {"assemble",
           {Stream::fragments},
           {{.stream = Stream::partials,
             .placement = [](std::string_view key) { return colocation_key(default_colocation(), key); }},
            {.stream = Stream::turns}},
           false,
           false,
           [] { return std::make_unique<Assemble>(flow_assemble_options()); }},
          {"session",
           {Stream::turns},
           {{.stream = Stream::partials,
             .placement = [](std::string_view key) { return colocation_key(default_colocation(), key); }}},
           false,
           false,
           [] { return std::make_unique<Session>(flow_session_options()); }},
          {"detect",
           {Stream::partials},
           {{.stream = Stream::raised, .placement = [](std::string_view) { return std::string(); }}},
           false,
           true,
           [max_entities, format] {
             DetectOptions options = flow_detect_options(max_entities);
             options.format = format;
             auto made = Detect::make(std::move(options));
             return std::unique_ptr<Stage>(std::move(made).value());
           }},
          {"alert", {Stream::raised}, {}, false, true, [format] {
             AlertOptions options;
             options.format = format;
             return std::make_unique<Alerting>(options);
           }}};
}

struct FlowRun {
  FlowTraffic traffic;
  int32_t partitions = 1;
  size_t max_entities = 1000;
  WireFormat format = WireFormat::json;
  bool has_idle_source = false;  ///< one partition is never written to
};

std::unique_ptr<LocalRunner> make(uint64_t seed, const FlowRun& run) {
  // An idle source is a fourth partition: what the others get stays the same.
  const int32_t sources = kFlowSources + (run.has_idle_source ? 1 : 0);
  auto runner = std::make_unique<LocalRunner>(LocalRunner::Options{.partitions = run.partitions},
                                              topology(run.max_entities, run.format),
                                              std::map{std::pair{Stream::traces, sources}});
  const std::string launch = announced_launch();
  runner->append(Stream::traces, 0, {"launch", launch, {}, flow_end(run.traffic) - std::chrono::hours(24)});
  const std::string drill = ordered_drill();
  runner->append(Stream::traces, 1, {"drill", drill, {}, flow_end(run.traffic) - std::chrono::hours(24)});
  for (auto& sent : flow_traffic(seed, run.traffic))
    runner->append(Stream::traces, sent.partition, {sent.trace_id, std::move(sent.value), {}, sent.time});
  for (int32_t source = 0; source < kFlowSources; ++source) {
    const Timestamp end = flow_end(run.traffic) + kOutOfOrder;
    v1::Fragment tail;
    tail.set_trace_id(fmt::format("tail{:012}", source));
    auto* span = tail.add_spans();
    span->set_span_id("tail");
    span->set_operation(v1::OPERATION_SERVER);
    span->set_start_unix_nano(end.time_since_epoch().count());
    span->set_end_unix_nano(end.time_since_epoch().count());
    runner->append(Stream::traces, source, {tail.trace_id(), tail.SerializeAsString(), {}, end});
  }
  return runner;
}

std::vector<std::string> undisturbed(uint64_t seed, const FlowRun& run) {
  auto runner = make(seed, run);
  runner->run();
  return outcome(*runner);
}

std::vector<std::string> disturbed(uint64_t seed, const FlowRun& run) {
  auto runner = make(seed, run);
  run_disturbed(*runner, seed);
  return outcome(*runner);
}

TEST(Flow, UndisturbedItFindsTheOutageAndTheNewModel) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    auto runner = make(seed, {});
    runner->run();
    std::map<std::string, std::string> transitions;
    for (const auto& record : runner->records(Stream::alerts))
      if (record.value.find("\"rule\":\"errors\"") != std::string::npos)
        transitions[record.key] += record.value.find("resolved") != std::string::npos ? "resolved " : "fired ";
    const bool has_ended = std::any_of(transitions.begin(), transitions.end(),
                                       [](const auto& alert) { return alert.second == "fired resolved "; });
    EXPECT_TRUE(has_ended) << "seed " << seed;
    EXPECT_FALSE(runner->records(Stream::incidents).empty());
    const auto& alerts = runner->records(Stream::alerts);
    EXPECT_TRUE(
        std::any_of(alerts.begin(), alerts.end(),
                    [](const auto& record) { return record.value.find("\"kind\":\"budget\"") != std::string::npos; }))
        << "seed " << seed << ": budgets are spent";
    EXPECT_TRUE(
        std::any_of(alerts.begin(), alerts.end(),
                    [](const auto& record) { return record.value.find("\"kind\":\"slo\"") != std::string::npos; }))
        << "seed " << seed << ": an error budget burns";
    EXPECT_GE(runner->records(Stream::changes).size(), 2u) << "a new model at each service";
    const auto& decisions = runner->records(Stream::rollouts);
    EXPECT_GE(decisions.size(), 4u) << "seed " << seed << ": a drill, two begin, and go on";
    EXPECT_EQ(std::count_if(decisions.begin(), decisions.end(),
                            [](const auto& one) { return one.value.find("\"drill\":true") != std::string::npos; }),
              1);
    EXPECT_EQ(runner->counts().count({"late_partials", ""}), 0u) << "the traffic is meant to be in time";
    EXPECT_EQ(runner->counts().count({"late_spans", ""}), 0u);
    EXPECT_GT(runner->counts().at({"corrected_feedback", ""}), 0u);
    EXPECT_GT(runner->counts().at({"rootless_requests", ""}), 0u);
    EXPECT_GT(runner->counts().at({"sessions", ""}), 10u);
    EXPECT_EQ(runner->counts().count({"late_turns", ""}), 0u);
  }
}

TEST(Flow, CrashesDuplicatesAndPartitioningLeaveNoTrace) {
  for_each_seed(300, "Flow.CrashesDuplicatesAndPartitioningLeaveNoTrace", [](uint64_t seed) {
    FlowRun run;
    run.format = seed % 4 == 0 ? WireFormat::json : WireFormat::protobuf;  // numbers as text take their time
    FlowRun other = run;
    other.partitions = 1 + static_cast<int32_t>(seed % 4);
    other.traffic.has_duplicates = seed % 3 != 0;
    other.has_idle_source = seed % 5 == 0;
    ASSERT_EQ(difference(disturbed(seed, other), undisturbed(seed, run)), "");
  });
}

TEST(Flow, CrashesLeaveNoTraceWhereEntitiesComeAndGo) {
  uint64_t evicted = 0;
  for_each_seed(50, "Flow.CrashesLeaveNoTraceWhereEntitiesComeAndGo", [&](uint64_t seed) {
    FlowRun run;
    run.traffic.services = 5;
    run.traffic.minutes = 14;
    run.traffic.has_surges = true;
    run.max_entities = 4;
    run.partitions = 2;  // each partition has a rest of its own
    ASSERT_EQ(difference(disturbed(seed, run), undisturbed(seed, run)), "");
    auto runner = make(seed, run);
    runner->run();
    const auto found = runner->counts().find({"evicted_entities", ""});
    if (found != runner->counts().end()) evicted += found->second;
  });
  EXPECT_GT(evicted, 0u);
}

}  // namespace
}  // namespace tidewatch
