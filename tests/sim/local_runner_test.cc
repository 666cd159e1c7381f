#include "stream/runtime/local_runner.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

namespace tidewatch {
namespace {

Timestamp at(int64_t seconds) { return Timestamp(std::chrono::seconds(seconds)); }

/// Source: passes "key time" on, keyed; its watermark is the largest time seen (records come in order).
class Forward final : public Stage {
 public:
  void on_record(const Record& record, Effects& out) override {
    const std::string value(record.value);
    const size_t space = value.find(' ');
    own_ = std::max(own_, at(std::stoll(value.substr(space + 1))));
    out.emit(Stream::fragments, value.substr(0, space), value);
    out.count("forwarded");
  }
  void on_watermark(Timestamp floor, Effects&) override { own_ = std::max(own_, floor); }
  Timestamp output_watermark() const override { return own_; }

 private:
  Timestamp own_ = kMinTimestamp;
};

/// Counts by key in tumbling windows of ten seconds; a total per key is long-lived state.
class Count final : public Stage {
 public:
  void on_record(const Record& record, Effects&) override {
    const std::string value(record.value);
    const size_t space = value.find(' ');
    const Timestamp start = align_down(at(std::stoll(value.substr(space + 1))), kWidth);
    if (start + kWidth <= through_) return;  // a replayed record of a window that was closed
    auto& window = open_[{start, value.substr(0, space)}];
    if (window.count++ == 0) window.first_offset = record.offset;
  }
  void on_watermark(Timestamp watermark, Effects& out) override {
    while (!open_.empty() && open_.begin()->first.first <= saturating_minus(watermark, kWidth)) {
      const auto& [id, window] = *open_.begin();
      auto& total = totals_[id.second];
      total += window.count;
      out.emit(Stream::partials, id.second,
               fmt::format("{} {} {} {}", id.second, id.first.time_since_epoch().count(), window.count, total));
      out.emit(Stream::state, id.second, std::to_string(total));
      open_.erase(open_.begin());
    }
    watermark_ = watermark;
  }
  int64_t needed_from() const override {
    int64_t oldest = kNothingNeeded;
    for (const auto& [id, window] : open_) oldest = std::min(oldest, window.first_offset);
    return oldest;
  }
  Timestamp output_watermark() const override { return watermark_; }
  Status restore(std::string_view key, std::string_view value) override {
    totals_[std::string(key)] = std::stoull(std::string(value));
    return ok_status();
  }
  void resume(Timestamp watermark) override { through_ = watermark; }

 private:
  static constexpr Duration kWidth = std::chrono::seconds(10);
  struct Open {
    uint64_t count = 0;
    int64_t first_offset = 0;
  };
  std::map<std::pair<Timestamp, std::string>, Open> open_;
  std::map<std::string, uint64_t> totals_;
  Timestamp watermark_ = kMinTimestamp;
  Timestamp through_ = kMinTimestamp;  ///< windows that ended by then were closed before the restart
};

std::vector<StageSpec> topology() {
  return {
      {"forward",
       {Stream::traces},
       {{.stream = Stream::fragments}},
       true,
       false,
       [] { return std::make_unique<Forward>(); }},
      {"count",
       {Stream::fragments},
       {{.stream = Stream::partials}},
       false,
       true,
       [] { return std::make_unique<Count>(); }},
  };
}

constexpr int32_t kSources = 3;
constexpr int kRecords = 120;

LocalRunner make(int32_t partitions) { return {{.partitions = partitions}, topology(), {{Stream::traces, kSources}}}; }

/// The same input for every run of a seed; one source may be silent from the beginning.
void fill(LocalRunner& runner, uint64_t seed) {
  std::mt19937_64 random(seed);
  const bool has_silent_source = random() % 4 == 0;
  for (int i = 0; i < kRecords; ++i) {
    const auto source = static_cast<int32_t>(random() % (has_silent_source ? kSources - 1 : kSources));
    runner.append(Stream::traces, source, {"", fmt::format("k{} {}", random() % 5, 1000 + i), {}, kMinTimestamp});
  }
}

std::vector<std::string> sorted_outputs(const LocalRunner& runner) {
  std::vector<std::string> out;
  for (const auto& record : runner.records(Stream::partials)) out.push_back(record.value);
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::string> undisturbed(uint64_t seed) {
  auto runner = make(1);
  fill(runner, seed);
  runner.end_input();
  runner.run();
  return sorted_outputs(runner);
}

std::vector<std::string> disturbed(uint64_t seed) {
  std::mt19937_64 random(seed ^ 0x9E3779B97F4A7C15ULL);
  auto runner = make(1 + static_cast<int32_t>(random() % 4));
  fill(runner, seed);
  runner.end_input();
  for (int i = 0; i < 200; ++i) {
    const size_t task = random() % runner.tasks();
    const size_t records = 1 + random() % 7;
    if (random() % 4 == 0)
      runner.crash(task, records);
    else
      runner.step(task, records);
  }
  runner.run(3);
  return sorted_outputs(runner);
}

TEST(LocalRunner, CountsEveryRecordOnceUndisturbed) {
  auto runner = make(1);
  fill(runner, 7);
  runner.end_input();
  runner.run();
  const auto outputs = sorted_outputs(runner);
  uint64_t counted = 0;
  for (const auto& output : outputs) {
    const size_t last = output.rfind(' ');
    counted += std::stoull(output.substr(output.rfind(' ', last - 1) + 1));
  }
  EXPECT_EQ(counted, static_cast<uint64_t>(kRecords));
  EXPECT_EQ(runner.counts().at({"forwarded", ""}), static_cast<uint64_t>(kRecords));
}

// TIDEWATCH_SEED=n runs that seed alone.
TEST(LocalRunner, CrashesAndPartitioningLeaveNoTrace) {
  const char* given = std::getenv("TIDEWATCH_SEED");
  const uint64_t first = given != nullptr ? std::strtoull(given, nullptr, 10) : 1;
  const uint64_t last = given != nullptr ? first : 1000;
  for (uint64_t seed = first; seed <= last; ++seed)
    ASSERT_EQ(disturbed(seed), undisturbed(seed))
        << "replay: TIDEWATCH_SEED=" << seed
        << " build/release/sim_tests --gtest_filter=LocalRunner.CrashesAndPartitioningLeaveNoTrace";
}

}  // namespace
}  // namespace tidewatch
