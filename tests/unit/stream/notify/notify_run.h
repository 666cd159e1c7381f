#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "fake_model/fake_surroundings.h"
#include "stream/notify/notify.h"
#include "stream/notify/shared_sinks.h"
#include "stream/publish/decode.h"
#include "stream/publish/encoder.h"
#include "stream/runtime/output_batch.h"
#include "tidewatch/v1/dead_letter.pb.h"

namespace tidewatch {

/// The stage as a task drives it, over its state; clocks are the test's, requests are real.
class NotifyRun {
 public:
  /// Its clocks go on with each commit.
  NotifyRun(fake_model::FakeSurroundings& time, const SinkOptions& sink)
      : NotifyRun({sink}, time.given(), [&time](Duration step) { time.advance(step); }) {}
  NotifyRun(std::vector<SinkOptions> sinks, Surroundings surroundings, std::function<void(Duration)> advance)
      : sinks_(std::move(sinks)), surroundings_(std::move(surroundings)), advance_(std::move(advance)) {
    start();
  }

  void start() {
    stage_.reset();
    courier_ = std::make_shared<SharedSinks>(sinks_, surroundings_, metrics_);
    stage_ = std::make_unique<Notify>(interests_of(sinks_), Notify::Topics{"tidewatch.alerts", "tidewatch.incidents"},
                                      courier_);
    for (const auto& [key, value] : state_) EXPECT_TRUE(stage_->restore(key, value).ok());
    stage_->resume(kMinTimestamp);
  }
  /// `age`: so long ago it was appended.
  void feed(const std::string& value, Stream stream = Stream::alerts, Duration age = {}) {
    Record record;
    record.stream = stream;
    record.topic = "tidewatch.alerts";
    record.partition = 3;
    record.offset = offset_++;
    record.append_time = surroundings_.wall() - age;
    record.value = value;
    stage_->on_record(record, out_);
  }
  void happens(const v1::Notice& notice, WireFormat format = WireFormat::json) {
    if (notice.has_alert())
      feed(encode(notice.alert(), format));
    else
      feed(encode(notice.incident(), format), Stream::incidents);
    commit();
  }
  void commit() {
    stage_->on_watermark(kMinTimestamp, out_);
    for (const Output& output : out_.outputs()) {
      if (output.stream == Stream::dead_letter) {
        v1::DeadLetter letter;
        EXPECT_TRUE(decode(output.value, letter).ok());
        letters_.push_back(letter);
      }
      if (output.stream != Stream::state) continue;
      if (output.value.empty())
        state_.erase(output.key);
      else
        state_[output.key] = output.value;
    }
    out_.clear();
  }
  /// Commits until `is_done`, the test's clock going on by `step` each time.
  bool eventually(const std::function<bool()>& is_done, Duration step = std::chrono::milliseconds(10)) {
    for (int i = 0; i < 2000 && !is_done(); ++i) {
      commit();
      advance_(step);
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return is_done();
  }
  bool all_told() {
    commit();  // what was offered is counted with the next
    return eventually([&] { return metrics_.value("sink_undelivered", {{"sink", sinks_[0].name}}) == 0; });
  }
  /// Records of alerts and incidents.
  size_t stored() const { return state_.size() - state_.count("began"); }
  const std::vector<v1::DeadLetter>& letters() const { return letters_; }
  Metrics& metrics() { return metrics_; }

 private:
  std::vector<SinkOptions> sinks_;
  Surroundings surroundings_;
  std::function<void(Duration)> advance_;
  Metrics metrics_;
  std::shared_ptr<SharedSinks> courier_;
  std::unique_ptr<Notify> stage_;
  OutputBatch out_{"notify"};
  std::map<std::string, std::string> state_;
  std::vector<v1::DeadLetter> letters_;
  int64_t offset_ = 0;
};

}  // namespace tidewatch
