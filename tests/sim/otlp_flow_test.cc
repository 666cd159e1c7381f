// The whole flow, from messages as services write them: what happens to a process, to the delivery of a message or to
// the division of work must leave no trace in what is published.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/config/config.h"
#include "app/flow.h"
#include "stream/runtime/local_runner.h"
#include "tests/sim/flow_options.h"
#include "tests/sim/otlp_traffic.h"
#include "tests/sim/outcome.h"
#include "tests/sim/seeds.h"

namespace tidewatch {
namespace {

/// As `tidewatch run` makes them.
std::vector<StageSpec> make_stages(WireFormat format) {
  Config config = default_config();
  config.observe.out_of_order = kOutOfOrder;
  config.assemble = flow_assemble_options();
  config.session = flow_session_options();
  config.detect = flow_detect_options(1000);
  config.detect.format = format;
  return make_flow(config).value();
}

const std::vector<StageSpec>& stages_of(uint64_t seed) {
  static std::map<WireFormat, std::vector<StageSpec>> made;  // phrases take their time to be compiled
  // Numbers as text take their time, too.
  const WireFormat format = seed % 4 == 0 ? WireFormat::json : WireFormat::protobuf;
  auto& stages = made[format];
  if (stages.empty()) stages = make_stages(format);
  return stages;
}

struct OtlpRun {
  OtlpTraffic traffic;
  int32_t partitions = 1;
  int32_t idle_sources = 0;  ///< partitions of each input that are never written to
};

std::unique_ptr<LocalRunner> make(uint64_t seed, const OtlpRun& run) {
  const int32_t sources = kFlowSources + (run.traffic.has_duplicates ? 1 : 0) + run.idle_sources;
  std::map<Stream, int32_t> inputs{{Stream::commands, 0}};
  for (const Stream input : {Stream::traces, Stream::logs, Stream::feedback, Stream::evaluations})
    inputs[input] = sources;
  auto runner =
      std::make_unique<LocalRunner>(LocalRunner::Options{.partitions = run.partitions}, stages_of(seed), inputs);
  for (auto& sent : otlp_traffic(seed, run.traffic))
    runner->append(sent.stream, sent.partition, {std::move(sent.key), std::move(sent.value), {}, sent.time});
  for (int32_t source = 0; source < kFlowSources; ++source) {
    const Timestamp end = flow_end(run.traffic.flow) + kOutOfOrder;
    runner->append(Stream::traces, source, {"", otlp_tail(source, end), {}, end});
  }
  return runner;
}

/// What was published; the letters of messages that came again count once, where they came first.
std::vector<std::string> published(const LocalRunner& runner, const OtlpRun& run) {
  auto out = outcome(runner);
  if (run.traffic.has_duplicates)
    std::erase_if(out, [](const std::string& line) {
      return line.starts_with("dead_letter ") && line.find(fmt::format("/{}/", kFlowSources)) < line.find('{');
    });
  return out;
}

/// The same without positions in the input.
std::vector<std::string> without_positions(std::vector<std::string> published) {
  // Windows that are being gathered lie in the state with the positions of their exemplars.
  std::erase_if(published, [](const std::string& line) { return line.starts_with("state "); });
  for (std::string& line : published) {
    const bool is_letter = line.starts_with("dead_letter ");
    if (!is_letter && !line.starts_with("alerts")) continue;
    auto message = nlohmann::json::parse(line.substr(line.find('{')));
    for (const char* position : {"topic", "partition", "offset", "offsets"}) message.erase(position);
    line = (is_letter ? "dead_letter " : line.substr(0, line.find('{'))) + message.dump();
  }
  std::sort(published.begin(), published.end());
  return published;
}

/// Most seeds have one service, as a third of the time goes by entity.
OtlpRun run_of(uint64_t seed) {
  OtlpRun out;
  out.traffic.flow.services = seed % 4 == 0 ? 2 : 1;
  return out;
}

std::vector<std::string> undisturbed(uint64_t seed) {
  auto runner = make(seed, run_of(seed));
  runner->run();
  return published(*runner, {});
}

std::vector<std::string> disturbed(uint64_t seed, const OtlpRun& run) {
  auto runner = make(seed, run);
  run_disturbed(*runner, seed);
  return published(*runner, run);
}

TEST(OtlpFlow, UndisturbedItReadsEveryKindOfMessageAndRefusesTheRest) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    auto runner = make(seed, {});  // two services
    runner->run();
    const auto& counts = runner->counts();
    for (const auto* encoding :
         {"traces_json", "traces_protobuf", "logs_json", "logs_protobuf", "feedback", "evaluations"})
      EXPECT_GT(counts.at({"messages", encoding}), 0u) << encoding << " seed " << seed;
    EXPECT_GT(counts.at({"bad_spans", "bad_span_id"}), 0u);
    EXPECT_GT(runner->records(Stream::dead_letter).size(), 5u);
    EXPECT_GT(runner->records(Stream::alerts).size(), 1u) << "the outage";
    EXPECT_GE(runner->records(Stream::changes).size(), 2u) << "a new model at each service";
    EXPECT_EQ(counts.count({"late_partials", ""}), 0u) << "the traffic is meant to be in time";
    EXPECT_EQ(counts.count({"late_spans", ""}), 0u);
    EXPECT_EQ(counts.count({"clamped_spans", ""}), 0u);
    EXPECT_GT(counts.at({"corrected_feedback", ""}), 0u);
    EXPECT_GT(counts.at({"findings_by_span", ""}), 0u);
    EXPECT_EQ(counts.at({"joined_by_span", ""}), counts.at({"findings_by_span", ""})) << "each found its span";
    EXPECT_EQ(counts.count({"unmatched_feedback", "session"}), 0u);
    EXPECT_EQ(counts.count({"unmatched_feedback", "trace"}), 0u);
  }
}

TEST(OtlpFlow, CrashesDuplicatesAndPartitioningLeaveNoTrace) {
  for_each_seed(300, "OtlpFlow.CrashesDuplicatesAndPartitioningLeaveNoTrace", [](uint64_t seed) {
    OtlpRun run = run_of(seed);
    run.partitions = 1 + static_cast<int32_t>(seed / 4 % 4);
    run.traffic.has_duplicates = seed % 3 != 0;
    run.idle_sources = seed % 5 == 0 ? 1 : 0;
    ASSERT_EQ(difference(disturbed(seed, run), undisturbed(seed)), "");
  });
}

TEST(OtlpFlow, WhichPartitionsTheInputComesThroughLeavesNoTrace) {
  for_each_seed(50, "OtlpFlow.WhichPartitionsTheInputComesThroughLeavesNoTrace", [](uint64_t seed) {
    const uint64_t written_as_json = 4 * seed;
    OtlpRun run = run_of(written_as_json);
    run.partitions = 1 + static_cast<int32_t>(seed % 4);
    run.traffic.is_spread_otherwise = true;
    ASSERT_EQ(
        difference(without_positions(disturbed(written_as_json, run)), without_positions(undisturbed(written_as_json))),
        "");
  });
}

}  // namespace
}  // namespace tidewatch
