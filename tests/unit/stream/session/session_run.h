#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stream/runtime/output_batch.h"
#include "stream/session/session.h"
#include "tests/unit/stream/assemble/fragments.h"
#include "tidewatch/v1/partial.pb.h"
#include "tidewatch/v1/turn.pb.h"

namespace tidewatch {

/// A request of service "shop" at "/chat" from `start` to `end`, in seconds after t0.
inline v1::Turn turn(std::string_view trace, double start, double end, std::optional<uint64_t> question = {}) {
  v1::Turn out;
  out.set_trace_id(std::string(trace));
  out.set_start_unix_nano(nanos(start));
  out.set_end_unix_nano(nanos(end));
  for (const auto& [name, value] : {std::pair{"service", "shop"}, {"endpoint", "/chat"}}) {
    auto* label = out.add_labels();
    label->set_name(name);
    label->set_value(value);
  }
  out.mutable_source()->set_topic("otlp_spans");
  if (question) out.set_question_fingerprint(*question);
  return out;
}

inline v1::Turn refused(v1::Turn turn) {
  turn.set_refused(true);
  return turn;
}
inline v1::Turn at_endpoint(v1::Turn turn, std::string_view endpoint) {
  turn.mutable_labels(1)->set_value(std::string(endpoint));
  return turn;
}
inline v1::Turn vote(std::string_view trace, double time) {
  v1::Turn out;
  out.set_trace_id(std::string(trace));
  out.set_start_unix_nano(nanos(time));
  out.set_end_unix_nano(nanos(time));
  out.set_is_vote(true);
  return out;
}

/// Drives the session stage as a task does, and reads what it published.
class SessionRun {
 public:
  explicit SessionRun(const SessionOptions& options = {}, Session::Observer observer = {})
      : stage_(options, std::move(observer)) {}

  void feed(const v1::Turn& turn, std::string_view session = "service=shop,session=c1") {
    feed_bytes(session, turn.SerializeAsString());
  }
  void feed_bytes(std::string_view key, std::string_view value) {
    Record record;
    record.stream = Stream::turns;
    record.topic = "tidewatch.turns";
    record.offset = next_offset_++;
    record.key = key;
    record.value = value;
    stage_.on_record(record, out_);
  }
  void watermark(double seconds) { stage_.on_watermark(at(seconds), out_); }

  uint64_t count(std::string_view name) const {
    const auto found = out_.counts().find({std::string(name), ""});
    return found == out_.counts().end() ? 0 : found->second;
  }
  /// A measure of an entity in the pane that starts at `pane` seconds, or in all of them; missing where none has it.
  Observation seen(std::string_view measure, std::optional<double> pane = {},
                   std::string_view entity = "service=shop,endpoint=/chat") const {
    std::optional<Aggregate> out;
    for (const Output& output : out_.outputs()) {
      v1::Partial partial;
      if (output.stream != Stream::partials || output.key != entity || !partial.ParseFromString(output.value)) continue;
      if (pane && partial.pane_start_unix_nano() != nanos(*pane)) continue;
      for (const auto& row : partial.measures()) {
        if (row.measure() != measure) continue;
        auto part = Aggregate::deserialize(row.aggregate()).value();
        if (out)
          out->merge(part);
        else
          out.emplace(std::move(part));
      }
    }
    return out ? out->observe() : Observation{};
  }

  Session& stage() { return stage_; }
  const OutputBatch& out() const { return out_; }

 private:
  Session stage_;
  OutputBatch out_{"session"};
  int64_t next_offset_ = 0;
};

}  // namespace tidewatch
