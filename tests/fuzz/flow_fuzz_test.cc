// Damaged messages and damaged internal records in the whole flow: no stage throws, ends the process or hangs, and each
// thing that was refused is a dead letter.
#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "app/config/config.h"
#include "app/flow.h"
#include "stream/runtime/local_runner.h"
#include "tests/fuzz/mutator.h"
#include "tests/fuzz/seeds.h"
#include "tests/sim/flow_options.h"
#include "tests/sim/otlp_traffic.h"

namespace tidewatch::fuzz {
namespace {

const std::vector<StageSpec>& stages() {
  static const auto made = [] {
    Config config = default_config();
    config.assemble = flow_assemble_options();
    config.detect = flow_detect_options(1000);
    config.detect.format = WireFormat::json;
    return make_flow(config).value();
  }();
  return made;
}

const std::vector<SentMessage>& traffic() {
  static const auto sent = otlp_traffic(1, {.flow = {.minutes = 4, .services = 1}});
  return sent;
}

std::unique_ptr<LocalRunner> make_runner() {
  std::map<Stream, int32_t> inputs{{Stream::commands, 0}};
  for (const Stream input : {Stream::traces, Stream::logs, Stream::feedback, Stream::evaluations})
    inputs[input] = kFlowSources;
  return std::make_unique<LocalRunner>(LocalRunner::Options{.partitions = 2}, stages(), inputs);
}

uint64_t counted(const LocalRunner& runner, std::string_view name) {
  uint64_t out = 0;
  for (const auto& [key, count] : runner.counts())
    if (key.first == name) out += count;
  return out;
}

void expect_json(const LocalRunner& runner, Stream stream) {
  for (const auto& record : runner.records(stream))
    EXPECT_TRUE(nlohmann::json::accept(record.value)) << name_of(stream) << ": " << record.value;
}

/// Feeds the traffic and closes every window. `damage`: what comes before a message, or nothing.
template <typename Damage>
std::unique_ptr<LocalRunner> run(const Damage& damage) {
  auto runner = make_runner();
  for (const auto& sent : traffic()) {
    damage(*runner, sent);
    runner->append(sent.stream, sent.partition, {sent.key, sent.value, {}, sent.time});
  }
  runner->run();
  runner->end_input();
  runner->run();
  for (const Stream stream :
       {Stream::alerts, Stream::incidents, Stream::quality_scores, Stream::changes, Stream::dead_letter})
    expect_json(*runner, stream);
  return runner;
}

TEST(FlowFuzz, EveryMessageIsReadOrADeadLetter) {
  for_each_seed(100, "FlowFuzz.EveryMessageIsReadOrADeadLetter", [](uint64_t seed) {
    Mutator mutate(seed);
    // Records of files say not when they were appended.
    const bool is_file = mutate.one_in(2);
    uint64_t messages = traffic().size();
    const auto runner = run([&](LocalRunner& into, const SentMessage& next) {
      if (!mutate.one_in(2)) return;
      const auto& other = traffic()[mutate.below(traffic().size())];
      into.append(next.stream, next.partition,
                  {next.key, mutate(next.value, other.value), {}, is_file ? kMinTimestamp : next.time});
      ++messages;
    });
    EXPECT_EQ(counted(*runner, "messages"), messages);
    EXPECT_EQ(runner->records(Stream::dead_letter).size(),
              counted(*runner, "bad_messages") + counted(*runner, "bad_spans") + counted(*runner, "bad_findings"));
  });
}

TEST(FlowFuzz, DamagedInternalRecordsAreDeadLettersOrRead) {
  const auto undamaged = run([](LocalRunner&, const SentMessage&) {});
  const auto fragments = undamaged->records(Stream::fragments);
  const auto partials = undamaged->records(Stream::partials);
  ASSERT_GT(fragments.size(), 10U);
  ASSERT_GT(partials.size(), 10U);
  for_each_seed(100, "FlowFuzz.DamagedInternalRecordsAreDeadLettersOrRead", [&](uint64_t seed) {
    Mutator mutate(seed);
    run([&](LocalRunner& into, const SentMessage&) {
      const bool is_fragment = mutate.one_in(2);
      const auto& from = is_fragment ? fragments : partials;
      const auto& record = from[mutate.below(from.size())];
      into.append(is_fragment ? Stream::fragments : Stream::partials, static_cast<int32_t>(mutate.below(2)),
                  {record.key, mutate(record.value, from[mutate.below(from.size())].value), {}, record.append_time});
    });
  });
}

TEST(FlowFuzz, DamagedStateIsAnErrorOrGoesOn) {
  const auto before = run([](LocalRunner&, const SentMessage&) {});
  const auto spec =
      std::find_if(stages().begin(), stages().end(), [](const auto& stage) { return stage.name == "detect"; });
  const auto state = before->state("detect");
  const auto partials = before->records(Stream::partials);
  ASSERT_GE(state.size(), 3U);
  std::vector<std::pair<std::string, std::string>> records(state.begin(), state.end());
  uint64_t refused = 0;
  uint64_t restored = 0;
  for_each_seed(2'000, "FlowFuzz.DamagedStateIsAnErrorOrGoesOn", [&](uint64_t seed) {
    Mutator mutate(seed);
    struct Ignored final : Effects {
      void emit(Stream, std::string_view, std::string_view, std::span<const Header>) override {}
      void emit_everywhere(Stream, std::string_view, std::string_view) override {}
      void dead_letter(const Record&, const Error&, std::string_view) override {}
      void count(std::string_view, std::string_view, uint64_t) override {}
    } out;
    const auto detect = spec->make();
    const auto& [key, good] = records[mutate.below(records.size())];
    const auto status = detect->restore(key, mutate(good, records[mutate.below(records.size())].second));
    ++(status ? restored : refused);
    detect->resume(kMinTimestamp);
    // It judges with what it has made of it.
    for (const auto& record : partials)
      if (record.key == key)
        detect->on_record({Stream::partials, "partials", 0, 0, {}, record.key, record.value, {}}, out);
    detect->on_watermark(kMaxTimestamp, out);
  });
  if (std::getenv("TIDEWATCH_SEED") != nullptr) return;
  EXPECT_GT(refused, 0U);
  EXPECT_GT(restored, 0U) << "nothing was damaged so little that it went on";
}

}  // namespace
}  // namespace tidewatch::fuzz
