#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "stream/detect/detect.h"
#include "stream/publish/encoder.h"
#include "stream/runtime/output_batch.h"
#include "tests/unit/stream/detect/partials.h"
#include "tidewatch/v1/change.pb.h"
#include "tidewatch/v1/quality_score.pb.h"
#include "tidewatch/v1/raised.pb.h"

namespace tidewatch {

/// A rule that learns within minutes.
inline DetectorRule quick_rule(std::string_view measure, Duration window = std::chrono::minutes(1)) {
  DetectorRule rule;
  rule.name = std::string(measure);
  rule.detector = "point";
  rule.settings = {{"warm_up", "6"}, {"season", "false"}};
  rule.measures = {std::string(measure)};
  rule.window = window;
  rule.min_effect = 0.2;
  rule.min_effect_absolute = 0.05;
  return rule;
}

inline DetectOptions quick_options(std::vector<DetectorRule> rules = {quick_rule("error_rate")}) {
  DetectOptions out;
  out.rules = std::move(rules);
  out.score_window = std::chrono::minutes(1);
  out.entities = {{"service"}, {"service", "endpoint"}};
  out.format = WireFormat::protobuf;
  out.config_version = "v1";
  out.false_alarms = {10, 1};  // few windows are learnt, so the tails are heavy
  return out;
}

inline const v1::MeasuredValue* find(const v1::QualityScore& score, std::string_view measure) {
  for (const auto& measured : score.measures())
    if (measured.measure() == measure) return &measured;
  return nullptr;
}
inline double value_of(const v1::QualityScore& score, std::string_view measure) {
  const auto* measured = find(score, measure);
  return measured != nullptr ? measured->value() : -1;
}

/// Drives the detect stage as a task does, and reads what it published.
class DetectRun {
 public:
  explicit DetectRun(const DetectOptions& options = quick_options()) {
    auto made = Detect::make(options);
    EXPECT_TRUE(made.ok()) << made.error().message;
    stage_ = std::move(made).value();
  }

  void feed(const PartialOf& partial) { feed(partial.key(), partial.bytes()); }
  void feed(std::string_view key, std::string_view value) {
    Record record;
    record.stream = Stream::partials;
    record.topic = "tidewatch.partials";
    record.offset = next_offset_++;
    record.key = key;
    record.value = value;
    stage_->on_record(record, out_);
  }
  void watermark(double minutes) { stage_->on_watermark(minute(minutes), out_); }
  void watermark(Timestamp time) { stage_->on_watermark(time, out_); }

  /// Ordinary traffic of an entity in minutes [from, to), each closed when it is over.
  void calm(double from, double to, std::string_view key = kShop, int n = 100) {
    for (double m = from; m < to; ++m) {
      feed(traffic(key, m, n / 100, n));
      watermark(m + 1);
    }
  }
  void incident(double from, double to, std::string_view key = kShop) {
    for (double m = from; m < to; ++m) {
      feed(traffic(key, m, 60));
      watermark(m + 1);
    }
  }

  /// That it raised.
  std::vector<v1::Alert> alerts() const {
    std::vector<v1::Alert> out;
    for (auto& raised : all<v1::Raised>(Stream::raised)) out.push_back(std::move(*raised.mutable_alert()));
    return out;
  }
  std::vector<v1::QualityScore> scores() const { return all<v1::QualityScore>(Stream::quality_scores); }
  std::vector<v1::Change> changes() const { return all<v1::Change>(Stream::changes); }
  std::vector<std::string> transitions() const {
    std::vector<std::string> out;
    for (const auto& alert : alerts()) out.push_back(alert.transition());
    return out;
  }
  size_t published(Stream stream) const {
    size_t n = 0;
    for (const Output& output : out_.outputs()) n += output.stream == stream ? 1 : 0;
    return n;
  }
  uint64_t count(std::string_view name, std::string_view label = "") const {
    const auto found = out_.counts().find({std::string(name), std::string(label)});
    return found == out_.counts().end() ? 0 : found->second;
  }
  /// State records as a compacted topic keeps them.
  std::map<std::string, std::string> state() const {
    std::map<std::string, std::string> out;
    for (const Output& output : out_.outputs()) {
      if (output.stream != Stream::state) continue;
      if (output.value.empty())
        out.erase(output.key);
      else
        out[output.key] = output.value;
    }
    return out;
  }
  void restore(const std::map<std::string, std::string>& state, double watermark_minutes) {
    for (const auto& [key, value] : state) EXPECT_TRUE(stage_->restore(key, value).ok());
    stage_->resume(minute(watermark_minutes));
    NoEffects nothing;
    stage_->on_watermark(minute(watermark_minutes), nothing);
  }

  Detect& stage() { return *stage_; }
  OutputBatch& out() { return out_; }

 private:
  template <typename Message>
  std::vector<Message> all(Stream stream) const {
    std::vector<Message> out;
    for (const Output& output : out_.outputs()) {
      if (output.stream != stream) continue;
      EXPECT_TRUE(out.emplace_back().ParseFromString(output.value));
    }
    return out;
  }

  std::unique_ptr<Detect> stage_;
  OutputBatch out_{"detect"};
  int64_t next_offset_ = 0;
};

}  // namespace tidewatch
