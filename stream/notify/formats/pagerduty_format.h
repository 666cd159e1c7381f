#pragma once

#include "stream/notify/formats/format.h"

namespace tidewatch {

/// PagerDuty's Events API v2. `dedup_key` is the incident's id, so that what joins it or gets worse adds to what is
/// open there and pages nobody twice.
class PagerDutyFormat final : public SinkFormat {
 public:
  explicit PagerDutyFormat(const SinkOptions& options) : SinkFormat(options) {}

  Subject subject() const override { return Subject::incidents; }
  std::set<std::string> transitions() const override;
  bool hears_missed() const override { return false; }  // nobody is called for what is over
  Outgoing request(std::span<const Delivery> deliveries, Timestamp now) const override;
};

}  // namespace tidewatch
