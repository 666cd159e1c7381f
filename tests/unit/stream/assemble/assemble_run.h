#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stream/assemble/assemble.h"
#include "stream/runtime/output_batch.h"
#include "tests/unit/stream/assemble/fragments.h"
#include "tests/unit/stream/merged_partials.h"
#include "tidewatch/v1/partial.pb.h"

namespace tidewatch {

/// Drives the assemble stage as a task does, and reads what it published.
class AssembleRun {
 public:
  explicit AssembleRun(const AssembleOptions& options = {}) : stage_(options) {}

  void feed(const v1::Fragment& fragment) {
    feed_bytes(fragment.session().empty() ? fragment.trace_id() : "session:" + fragment.session(),
               fragment.SerializeAsString());
  }
  void feed_bytes(std::string_view key, std::string_view value) {
    Record record;
    record.stream = Stream::fragments;
    record.topic = "tidewatch.fragments";
    record.offset = next_offset_++;
    record.key = key;
    record.value = value;
    stage_.on_record(record, out_);
  }
  /// Ends a commit with event time at `seconds` after t0.
  void watermark(double seconds) { watermark(at(seconds)); }
  void watermark(Timestamp time) { stage_.on_watermark(time, out_); }

  uint64_t count(std::string_view name, std::string_view kind = "") const {
    const auto found = out_.counts().find({std::string(name), std::string(kind)});
    return found == out_.counts().end() ? 0 : found->second;
  }

  /// A measure of an entity, merged over all partials, or over those of the pane that starts at `pane` seconds.
  std::optional<Aggregate> aggregate(std::string_view entity, std::string_view measure,
                                     std::optional<double> pane = {}) const {
    std::optional<Aggregate> out;
    for (const auto& [key, partial] : partials()) {
      if (key != entity || (pane && partial.pane_start_unix_nano() != nanos(*pane))) continue;
      for (const auto& row : partial.measures()) {
        if (row.measure() != measure) continue;
        auto part = Aggregate::deserialize(row.aggregate());
        if (!part) return std::nullopt;
        if (out)
          out->merge(*part);
        else
          out.emplace(std::move(*part));
      }
    }
    return out;
  }
  Observation seen(std::string_view entity, std::string_view measure, std::optional<double> pane = {}) const {
    const auto found = aggregate(entity, measure, pane);
    return found ? found->observe() : Observation{};
  }
  double value(std::string_view entity, std::string_view measure, std::optional<double> pane = {}) const {
    return seen(entity, measure, pane).value;
  }
  /// How many partials said anything of a measure.
  bool has(std::string_view entity, std::string_view measure) const { return aggregate(entity, measure).has_value(); }

  std::vector<std::pair<std::string, v1::Partial>> partials() const {
    std::vector<std::pair<std::string, v1::Partial>> out;
    for (const Output& output : out_.outputs()) {
      if (output.stream != Stream::partials) continue;
      v1::Partial partial;
      partial.ParseFromString(output.value);
      out.emplace_back(output.key, partial);
    }
    return out;
  }
  /// Every aggregate by entity, pane and measure, merged: the same whatever the batches were.
  std::map<std::string, std::string> merged() const {
    MergedPartials out;
    for (const Output& output : out_.outputs())
      if (output.stream == Stream::partials) out.add(output.key, output.value);
    return out.bytes();
  }

  Assemble& stage() { return stage_; }
  OutputBatch& out() { return out_; }

 private:
  Assemble stage_;
  OutputBatch out_{"assemble"};
  int64_t next_offset_ = 0;
};

inline constexpr std::string_view kService = "service=shop";
inline constexpr std::string_view kEndpoint = "service=shop,endpoint=/chat";
inline constexpr std::string_view kModel = "service=shop,endpoint=/chat,model=gpt-x";

}  // namespace tidewatch
