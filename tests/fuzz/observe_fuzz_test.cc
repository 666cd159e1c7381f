// Bytes from outside: whatever a message holds, the stage that reads it goes on, says of each message what became of
// it, and reads the others as if it had not been there.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <utility>

#include "app/config/config.h"
#include "app/flow.h"
#include "tests/fuzz/corpus.h"
#include "tests/fuzz/mutator.h"
#include "tests/fuzz/seeds.h"
#include "tidewatch/v1/fragment.pb.h"

namespace tidewatch::fuzz {
namespace {

constexpr Timestamp kAppended{std::chrono::seconds(1'800'000'000)};

/// What a stage said of one message.
class Outputs final : public Effects {
 public:
  void emit(Stream stream, std::string_view key, std::string_view value, std::span<const Header>) override {
    EXPECT_EQ(stream, Stream::fragments);
    v1::Fragment fragment;
    EXPECT_TRUE(fragment.ParseFromString(std::string(value))) << "a text that is no UTF-8?";
    for (const auto& span : fragment.spans()) EXPECT_LE(span.start_unix_nano(), span.end_unix_nano());
    fragments.emplace_back(key, value);
  }
  void emit_everywhere(Stream stream, std::string_view key, std::string_view value) override {
    emit(stream, key, value, {});
  }
  void dead_letter(const Record&, const Error& reason, std::string_view) override {
    EXPECT_FALSE(reason.code.empty());
    EXPECT_FALSE(reason.message.empty());
    ++letters;
  }
  void count(std::string_view name, std::string_view, uint64_t by) override { counts[std::string(name)] += by; }

  std::vector<std::pair<std::string, std::string>> fragments;
  uint64_t letters = 0;
  std::map<std::string, uint64_t> counts;
};

/// The stage of `tidewatch run`, with the checks of texts.
std::unique_ptr<Stage> make_observe() {
  static const auto stages = make_flow(default_config()).value();
  return stages.front().make();
}

Outputs read(Stage& stage, Stream stream, std::string_view bytes) {
  Outputs out;
  stage.on_record({stream, "topic", 3, 17, kAppended, {}, bytes, {}}, out);
  EXPECT_EQ(out.counts["messages"], 1U);
  EXPECT_EQ(out.letters, out.counts["bad_messages"] + out.counts["bad_spans"] + out.counts["bad_findings"])
      << "counted as bad, and a dead letter";
  EXPECT_LE(stage.output_watermark(), kAppended + std::chrono::minutes(1)) << "no time in the future is believed";
  return out;
}

TEST(ObserveFuzz, GoodMessagesAreAllRead) {
  const auto stage = make_observe();
  std::map<Stream, size_t> fragments;
  for (const auto& message : corpus())
    fragments[message.stream] += read(*stage, message.stream, message.bytes).fragments.size();
  for (const Stream stream : {Stream::traces, Stream::logs, Stream::feedback, Stream::evaluations})
    EXPECT_GT(fragments[stream], 3U) << name_of(stream) << ": damage to what is bad already shows nothing";
}

TEST(ObserveFuzz, ADamagedMessageCostsNoOther) {
  const auto& messages = corpus();
  std::map<size_t, std::vector<std::pair<std::string, std::string>>> alone;
  for_each_seed(20'000, "ObserveFuzz.ADamagedMessageCostsNoOther", [&](uint64_t seed) {
    Mutator mutate(seed);
    const Message& damaged = messages[mutate.below(messages.size())];
    const size_t good = mutate.below(messages.size());
    // Some come on a topic that is not theirs.
    const Stream stream = mutate.one_in(16) ? messages[mutate.below(messages.size())].stream : damaged.stream;
    const std::string bytes = mutate(damaged.bytes, messages[mutate.below(messages.size())].bytes);
    if (!alone.contains(good))
      alone[good] = read(*make_observe(), messages[good].stream, messages[good].bytes).fragments;

    const auto stage = make_observe();
    read(*stage, stream, bytes);
    EXPECT_EQ(read(*stage, messages[good].stream, messages[good].bytes).fragments, alone[good]);
  });
}

}  // namespace
}  // namespace tidewatch::fuzz
