#pragma once

#include <nlohmann/json.hpp>

#include "stream/notify/formats/format.h"

namespace tidewatch {

/// Prometheus' Alertmanager, API v2. An alert is there what its labels are, so that only what stays the same is a
/// label; when one changes all the same (the severity, when it escalates), the alert of before is ended in the same
/// request. Alertmanager forgets what fires unless it is told again: it is, and names the time when it may forget it.
class AlertmanagerFormat final : public SinkFormat {
 public:
  explicit AlertmanagerFormat(const SinkOptions& options) : SinkFormat(options) {}

  Subject subject() const override { return Subject::alerts; }
  std::set<std::string> transitions() const override;
  bool hears_missed() const override { return false; }  // it would notify nobody
  bool forgets() const override { return true; }
  size_t batch() const override { return 64; }
  Outgoing request(std::span<const Delivery> deliveries, Timestamp now) const override;
  std::string reference(const Delivery& told, const TransferOutcome& outcome) const override;

 private:
  nlohmann::json alert(const Delivery& delivery, Timestamp now) const;
};

}  // namespace tidewatch
