#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "stream/assemble/assemble.h"
#include "stream/detect/detect.h"
#include "stream/runtime/local_runner.h"
#include "tests/sim/flow_traffic.h"
#include "tidewatch/v1/fragment.pb.h"

namespace tidewatch {
namespace {

using namespace std::chrono_literals;

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

AssembleOptions assemble_options() {
  AssembleOptions out;
  out.trace_timeout = 20s;
  out.join_horizon = 2min;  // short, as a restart reads so much again
  out.prices = {{"gpt-x", "", 2, 8, {}, {}, 0}};
  return out;
}

DetectOptions detect_options(size_t max_entities) {
  DetectOptions out;
  const auto add = [&](std::string_view name, std::string_view measure, Duration window) {
    DetectorRule rule;
    rule.name = std::string(name);
    rule.detector = "point";
    rule.settings = {{"warm_up", "6"}, {"season", "false"}};
    rule.measures = {std::string(measure)};
    rule.window = window;
    rule.min_effect_absolute = measure == "error_rate" ? 0.1 : 0;
    out.rules.push_back(std::move(rule));
  };
  out.rules.clear();
  add("errors", "error_rate", 1min);
  add("latency", "latency_p95", 2min);
  add("refusals", "refusal_rate", 5min);
  add("evaluations", "score_*", 3min);
  out.score_window = 2min;
  out.entities = assemble_options().entities;
  out.false_alarms = {10, 1};
  out.max_entities = max_entities;
  return out;
}

std::vector<StageSpec> topology(size_t max_entities) {
  return {{"forward",
           {Stream::traces},
           Stream::fragments,
           true,
           false,
           [] { return std::make_unique<ForwardFragments>(); }},
          {"assemble",
           {Stream::fragments},
           Stream::partials,
           false,
           false,
           [] { return std::make_unique<Assemble>(assemble_options()); }},
          {"detect", {Stream::partials}, {}, false, true, [max_entities] {
             auto made = Detect::make(detect_options(max_entities));
             return std::unique_ptr<Stage>(std::move(made).value());
           }}};
}

struct FlowRun {
  FlowTraffic traffic;
  int32_t partitions = 1;
  size_t max_entities = 1000;
  bool has_idle_source = false;  ///< one partition is never written to
};

std::unique_ptr<LocalRunner> make(uint64_t seed, const FlowRun& run) {
  // An idle source is a fourth partition: what the others get stays the same.
  const int32_t sources = kFlowSources + (run.has_idle_source ? 1 : 0);
  auto runner = std::make_unique<LocalRunner>(LocalRunner::Options{.partitions = run.partitions},
                                              topology(run.max_entities), std::map{std::pair{Stream::traces, sources}});
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

/// Everything that was published, and the state, in an order that does not depend on partitions.
std::vector<std::string> outcome(const LocalRunner& runner) {
  std::vector<std::string> out;
  for (const Stream stream : {Stream::quality_scores, Stream::alerts, Stream::changes, Stream::dead_letter})
    for (const auto& record : runner.records(stream))
      out.push_back(fmt::format("{} {} {}", name_of(stream), record.key, record.value));
  std::map<std::string, std::string> latest;
  for (const auto& record : runner.records(Stream::alerts_state)) latest[record.key] = record.value;
  for (const auto& [key, value] : latest) out.push_back(fmt::format("alerts_state {} {}", key, value));
  for (const auto& [key, value] : runner.state("detect")) out.push_back(fmt::format("state {} {}", key, value));
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::string> undisturbed(uint64_t seed, const FlowRun& run) {
  auto runner = make(seed, run);
  runner->run();
  return outcome(*runner);
}

std::vector<std::string> disturbed(uint64_t seed, const FlowRun& run) {
  std::mt19937_64 random(seed ^ 0x9E3779B97F4A7C15ULL);
  auto runner = make(seed, run);
  for (int i = 0; i < 60; ++i) {
    const size_t task = random() % runner->tasks();
    const size_t records = 1 + random() % 80;
    if (random() % 4 == 0)
      runner->crash(task, records);
    else
      runner->step(task, records);
  }
  runner->run(1 + random() % 200);
  return outcome(*runner);
}

/// Where the first outputs that differ do: whole messages help nobody.
std::string difference(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  std::vector<std::string> only_a;
  std::vector<std::string> only_b;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(only_a));
  std::set_difference(b.begin(), b.end(), a.begin(), a.end(), std::back_inserter(only_b));
  if (only_a.empty() && only_b.empty()) return a == b ? "" : "the same outputs, another number of times";
  const std::string& mine = only_a.empty() ? only_b.front() : only_a.front();
  const std::string& other = only_b.empty() ? only_a.front() : only_b.front();
  const size_t same =
      static_cast<size_t>(std::mismatch(mine.begin(), mine.end(), other.begin(), other.end()).first - mine.begin());
  const size_t from = same > 200 ? same - 200 : 0;
  return fmt::format("{} outputs only disturbed, {} only undisturbed; the first\n{}\n...{}\n...{}", only_a.size(),
                     only_b.size(), mine.substr(0, 80), mine.substr(from, 400), other.substr(from, 400));
}

#ifdef __SANITIZE_ADDRESS__
constexpr uint64_t kSeedsShare = 20;  // sanitizers look for other mistakes, and take their time
#else
constexpr uint64_t kSeedsShare = 1;
#endif

/// TIDEWATCH_SEED=n runs that seed alone.
template <typename Check>
void for_each_seed(uint64_t seeds, std::string_view test, const Check& check) {
  const char* given = std::getenv("TIDEWATCH_SEED");
  const uint64_t first = given != nullptr ? std::strtoull(given, nullptr, 10) : 1;
  const uint64_t last = given != nullptr ? first : seeds / kSeedsShare;
  for (uint64_t seed = first; seed <= last; ++seed) {
    SCOPED_TRACE(fmt::format("replay: TIDEWATCH_SEED={} build/release/sim_tests --gtest_filter=Flow.{}", seed, test));
    check(seed);
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(Flow, UndisturbedItFindsTheOutageAndTheNewModel) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    auto runner = make(seed, {});
    runner->run();
    std::string transitions;
    for (const auto& record : runner->records(Stream::alerts))
      if (record.value.find("\"rule\":\"errors\"") != std::string::npos &&
          record.key == runner->records(Stream::alerts).front().key)
        transitions += record.value.find("resolved") != std::string::npos ? "resolved " : "fired ";
    EXPECT_EQ(transitions, "fired resolved ") << "seed " << seed;
    EXPECT_GE(runner->records(Stream::changes).size(), 2u) << "a new model at each service";
    EXPECT_EQ(runner->counts().count({"late_partials", ""}), 0u) << "the traffic is meant to be in time";
    EXPECT_EQ(runner->counts().count({"late_spans", ""}), 0u);
    EXPECT_GT(runner->counts().at({"corrected_feedback", ""}), 0u);
    EXPECT_GT(runner->counts().at({"rootless_requests", ""}), 0u);
  }
}

TEST(Flow, CrashesDuplicatesAndPartitioningLeaveNoTrace) {
  for_each_seed(1000, "CrashesDuplicatesAndPartitioningLeaveNoTrace", [](uint64_t seed) {
    FlowRun other;
    other.partitions = 1 + static_cast<int32_t>(seed % 4);
    other.traffic.has_duplicates = seed % 3 != 0;
    other.has_idle_source = seed % 5 == 0;
    ASSERT_EQ(difference(disturbed(seed, other), undisturbed(seed, {})), "");
  });
}

TEST(Flow, CrashesLeaveNoTraceWhereEntitiesComeAndGo) {
  uint64_t evicted = 0;
  for_each_seed(100, "CrashesLeaveNoTraceWhereEntitiesComeAndGo", [&](uint64_t seed) {
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
