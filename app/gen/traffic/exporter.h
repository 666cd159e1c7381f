#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "app/gen/trace/trace_builder.h"
#include "app/gen/traffic/world.h"
#include "detectors/core/time.h"
#include "tidewatch/otlp/v1/trace.pb.h"

namespace tidewatch::gen {

/// The batching exporter of one instance of a service: spans leave every five seconds in the order they end, so a child
/// often leaves before its root.
class Exporter {
 public:
  static constexpr Duration kInterval = std::chrono::seconds(5);

  /// `instance` names the process; `phase` is when within the interval it exports.
  Exporter(const Service& service, const std::string& instance, Duration phase);

  void add(std::vector<FinishedSpan>& spans);  ///< takes the spans' content

  struct Batch {
    Timestamp export_time;
    otlp::v1::TracesData message;
    size_t spans = 0;
  };
  /// Every batch that leaves at or before `until`, in order.
  void flush(Timestamp until, const std::function<void(Batch&)>& take);
  bool is_empty() const { return waiting_.empty(); }

 private:
  otlp::v1::Resource resource_;
  Duration phase_;
  std::map<Timestamp, std::vector<FinishedSpan>> waiting_;  ///< by export time
};

}  // namespace tidewatch::gen
