#include "stream/runtime/task.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "stream/runtime/output_batch.h"

namespace tidewatch {
namespace {

using namespace std::chrono_literals;

Timestamp at(int64_t seconds) { return Timestamp(std::chrono::seconds(seconds)); }

/// Holds each record until the watermark reaches the time in its value; its trace of calls is what replay must repeat.
class Holding final : public Stage {
 public:
  void on_record(const Record& record, Effects& out) override {
    const auto due = at(std::stoll(std::string(record.value)));
    held_.push_back({record.offset, due});
    out.emit(Stream::partials, "seen", record.value);
  }
  void on_watermark(Timestamp watermark, Effects& out) override {
    watermark_ = watermark;
    std::erase_if(held_, [&](const Held& held) {
      if (held.due > watermark) return false;
      out.emit(Stream::partials, "due", fmt::format("{}", held.offset));
      return true;
    });
  }
  int64_t needed_from() const override { return held_.empty() ? kNothingNeeded : held_.front().offset; }
  Timestamp output_watermark() const override { return std::min(watermark_, promise_); }
  void hold_back(Timestamp promise) { promise_ = promise; }
  std::string held() const {
    std::string out;
    for (const auto& held : held_) out += fmt::format("{} ", held.offset);
    return out;
  }

 private:
  struct Held {
    int64_t offset;
    Timestamp due;
  };
  std::vector<Held> held_;
  Timestamp watermark_ = kMinTimestamp;
  Timestamp promise_ = kMaxTimestamp;
};

StageSpec holding_spec() {
  return {"holding", {Stream::fragments}, {{.stream = Stream::partials}}, false, false, [] {
            return std::make_unique<Holding>();
          }};
}

/// A log of data ("d<due>") and marks ("m<watermark>") fed to tasks by offset.
class TaskTest : public ::testing::Test {
 protected:
  Task make() { return Task("fragments/0", spec_, {"src/0"}, 60s, at(0)); }

  void feed(Task& task, int64_t offset, OutputBatch& out) {
    const std::string& entry = log_[static_cast<size_t>(offset)];
    Record record;
    record.offset = offset;
    std::vector<Header> headers;
    std::string value = entry.substr(1);
    if (entry[0] == 'm') {
      headers.push_back({std::string(kMarkHeader), "1"});
      v1::Mark mark;
      mark.set_source("src/0");
      mark.set_watermark_unix_nano(at(std::stoll(value)).time_since_epoch().count());
      value = mark.SerializeAsString();
    }
    record.value = value;
    record.headers = headers;
    task.process(record, out, at(0));
  }

  static std::string held(Task& task) { return static_cast<Holding&>(task.stage()).held(); }

  StageSpec spec_ = holding_spec();
  std::vector<std::string> log_{"d10", "d90", "m20", "d30", "d95", "m40", "d50", "m60", "d99", "m100"};
};

TEST_F(TaskTest, MarksNeverReachTheStage) {
  Task task = make();
  task.start({}, {}, at(0));
  OutputBatch out("holding");
  for (int64_t offset = 0; offset < 3; ++offset) feed(task, offset, out);
  task.finish_batch(out, at(0), kMinTimestamp, true);
  ASSERT_EQ(out.outputs().size(), 3u);
  EXPECT_EQ(out.outputs()[2].key, "due");
  EXPECT_EQ(out.outputs()[2].value, "0");
  EXPECT_EQ(task.watermark(), at(20));
}

TEST_F(TaskTest, RestartedAfterAnyCommitItHasTheSameStateAndRepeatsNoOutput) {
  for (size_t batch = 1; batch <= 4; ++batch) {
    // The undisturbed run, remembering the progress log and each checkpoint.
    Task straight = make();
    straight.start({}, {}, at(0));
    std::vector<v1::Progress> progress;
    std::vector<Checkpoint> checkpoints;
    std::vector<std::string> held_then;
    std::vector<size_t> outputs_then;
    OutputBatch all("holding");
    const auto end = static_cast<int64_t>(log_.size());
    for (int64_t offset = 0; offset < end;) {
      for (size_t i = 0; i < batch && offset < end; ++i) feed(straight, offset++, all);
      straight.finish_batch(all, at(0), kMinTimestamp, offset == end);
      if (const auto entry = straight.progress()) progress.push_back(*entry);
      checkpoints.push_back(straight.checkpoint());
      held_then.push_back(held(straight));
      outputs_then.push_back(all.outputs().size());
      straight.committed();
    }
    for (size_t commit = 0; commit < checkpoints.size(); ++commit) {
      const Checkpoint& from = checkpoints[commit];
      std::vector<v1::Progress> needed;
      for (const auto& entry : progress)
        if (entry.processed_through() > from.needed_from && entry.processed_through() <= from.processed_through)
          needed.push_back(entry);
      Task again = make();
      again.start(from, needed, at(0));
      OutputBatch out("holding");
      int64_t offset = from.needed_from;
      for (; offset < from.processed_through; ++offset) feed(again, offset, out);
      EXPECT_TRUE(out.empty()) << "a replay repeated an output";
      EXPECT_EQ(held(again), held_then[commit]) << "batch " << batch << ", commit " << commit;
      EXPECT_EQ(again.watermark(), from.watermark);
      while (offset < end) {
        for (size_t i = 0; i < batch && offset < end; ++i) feed(again, offset++, out);
        again.finish_batch(out, at(0), kMinTimestamp, offset == end);
        again.committed();
      }
      ASSERT_EQ(out.outputs().size(), all.outputs().size() - outputs_then[commit]);
      for (size_t i = 0; i < out.outputs().size(); ++i)
        EXPECT_EQ(out.outputs()[i].value, all.outputs()[outputs_then[commit] + i].value);
    }
  }
}

TEST_F(TaskTest, ATaskThatHoldsSomethingBackIsNotIdle) {
  Task task = make();
  task.start({}, {}, at(0));
  OutputBatch out("holding");
  v1::Mark mark;
  mark.set_source("src/0");
  mark.set_watermark_unix_nano(at(20).time_since_epoch().count());
  mark.set_idle(true);
  const std::string value = mark.SerializeAsString();
  const std::vector<Header> headers = {{std::string(kMarkHeader), "1"}};
  Record record;
  record.value = value;
  record.headers = headers;
  task.process(record, out, at(0));
  auto& stage = static_cast<Holding&>(task.stage());
  stage.hold_back(at(5));
  task.finish_batch(out, at(0), kMinTimestamp, true);
  EXPECT_FALSE(task.mark().idle());
  stage.hold_back(kMaxTimestamp);
  task.finish_batch(out, at(0), kMinTimestamp, true);
  EXPECT_TRUE(task.mark().idle());
}

TEST_F(TaskTest, ACheckpointSurvivesItsMetadata) {
  const Checkpoint before{120, 90, 7, at(1000)};
  const auto after = Checkpoint::parse(120, before.metadata());
  ASSERT_TRUE(after.ok());
  EXPECT_EQ(after->needed_from, 90);
  EXPECT_EQ(after->progress_from, 7);
  EXPECT_EQ(after->watermark, at(1000));
}

TEST_F(TaskTest, ForeignCheckpointMetadataIsAnErrorThatNamesIt) {
  const auto parsed = Checkpoint::parse(5, "somebody else's");
  ASSERT_FALSE(parsed.ok());
  EXPECT_EQ(parsed.error().code, "bad_checkpoint");
}

TEST_F(TaskTest, OffsetsResetByAToolNeedNothingBefore) {
  const auto parsed = Checkpoint::parse(5, "");
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->needed_from, 5);
  EXPECT_EQ(parsed->processed_through, 5);
}

}  // namespace
}  // namespace tidewatch
