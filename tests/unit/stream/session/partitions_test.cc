// What assemble and session make of the same requests must not depend on how they lie in partitions, on what comes
// twice, or on crashes.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <string>

#include "stream/assemble/assemble.h"
#include "stream/runtime/local_runner.h"
#include "stream/session/session.h"
#include "tests/sample_share.h"
#include "tests/unit/stream/assemble/fragments.h"
#include "tests/unit/stream/merged_partials.h"

namespace tidewatch {
namespace {

using namespace std::chrono_literals;

/// Passes fragments on by trace; records say by their append time when they happened.
class Forward final : public Stage {
 public:
  void on_record(const Record& record, Effects& out) override {
    own_ = std::max(own_, record.append_time);
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
  out.join_horizon = 1min;
  return out;
}

std::vector<StageSpec> stages() {
  std::vector<StageSpec> out(3);
  out[0].name = "forward";
  out[0].inputs = {Stream::traces};
  out[0].downstream = {{.stream = Stream::fragments}};
  out[0].is_source = true;
  out[0].make = [] { return std::make_unique<Forward>(); };
  out[1].name = "assemble";
  out[1].inputs = {Stream::fragments};
  out[1].downstream = {{.stream = Stream::partials}, {.stream = Stream::turns}};
  out[1].make = [] { return std::make_unique<Assemble>(assemble_options()); };
  out[2].name = "session";
  out[2].inputs = {Stream::turns};
  out[2].downstream = {{.stream = Stream::partials}};
  out[2].make = [] { return std::make_unique<Session>(SessionOptions{}); };
  return out;
}

struct Case {
  int32_t partitions = 1;
  bool has_duplicates = false;
};

constexpr int32_t kSources = 3;

/// Sessions of five hours before and after midnight with pauses that end some of them.
std::unique_ptr<LocalRunner> make(uint64_t seed, const Case& of) {
  auto runner = std::make_unique<LocalRunner>(LocalRunner::Options{.partitions = of.partitions}, stages(),
                                              std::map{std::pair{Stream::traces, kSources}});
  std::mt19937_64 random(seed);
  const auto pick = [&](uint64_t below) { return random() % below; };
  const double begin = 6 * 3600;  // 22:00, as t0 is 16:00
  std::multimap<double, std::pair<int32_t, v1::Fragment>> sent;
  for (int i = 0; i < 150; ++i) {
    const double start = begin + static_cast<double>(pick(5 * 3600));
    const double end = start + 1 + static_cast<double>(pick(30));
    auto entry = root(fmt::format("r{}", i), start, end);
    label(entry, "session", fmt::format("c{}", pick(8)));
    auto call = llm(fmt::format("m{}", i), entry.span_id(), start, end - 0.5);
    answered(call, pick(5) == 0);
    call.mutable_signals()->set_question_fingerprint(uint64_t{0xFFFF} << (16 * pick(3)));
    // Children often come in another message, and by another partition, than their root.
    const auto trace = fmt::format("trace-{:03}", i);
    const auto to = [&] { return static_cast<int32_t>(pick(kSources)); };
    sent.emplace(end, std::pair{to(), fragment(trace, {entry}, i)});
    sent.emplace(end, std::pair{to(), fragment(trace, {call}, i)});
    if (pick(6) == 0) sent.emplace(end + 40, std::pair{to(), fragment(trace, thumb("f" + trace, end + 40, false))});
  }
  uint64_t count = 0;
  for (const auto& [time, message] : sent) {
    const auto& [partition, said] = message;
    const LocalRecord record{said.trace_id(), said.SerializeAsString(), {}, at(time)};
    runner->append(Stream::traces, partition, record);
    if (of.has_duplicates && ++count % 3 == 0) runner->append(Stream::traces, partition, record);
  }
  return runner;
}

std::map<std::string, std::string> outcome(const LocalRunner& runner) {
  MergedPartials out;
  for (const auto& record : runner.records(Stream::partials)) out.add(record.key, record.value);
  return out.bytes();
}

TEST(SessionPartitions, CrashesDuplicatesAndPartitioningLeaveNoTrace) {
  for (uint64_t seed = 1; seed <= sampled(24, 2); ++seed) {
    auto straight = make(seed, {});
    straight->run();
    straight->end_input();
    straight->run();
    const auto expected = outcome(*straight);
    ASSERT_GT(straight->counts().at({"sessions", ""}), 8u) << "some of the eight pause for longer than the gap";
    ASSERT_EQ(straight->counts().count({"late_turns", ""}), 0u);
    ASSERT_TRUE(straight->counts().contains({"votes", ""}));

    auto runner = make(seed, {.partitions = 1 + static_cast<int32_t>(seed % 4), .has_duplicates = seed % 2 == 0});
    std::mt19937_64 random(~seed);
    for (int i = 0; i < 120; ++i) {
      const size_t task = random() % runner->tasks();
      if (random() % 4 == 0)
        runner->crash(task, 1 + random() % 40);
      else
        runner->step(task, 1 + random() % 40);
    }
    runner->run(1 + random() % 50);
    runner->end_input();
    runner->run();
    ASSERT_EQ(outcome(*runner), expected) << "seed " << seed;
    ASSERT_EQ(runner->counts().at({"sessions", ""}), straight->counts().at({"sessions", ""}));
  }
}

}  // namespace
}  // namespace tidewatch
