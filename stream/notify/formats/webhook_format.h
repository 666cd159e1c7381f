#pragma once

#include "stream/notify/formats/format.h"

namespace tidewatch {

/// Any program: `{"type", "timestamp", "data"}` as Standard Webhooks has it, `data` the message as it is on the topic.
/// `webhook-id` is the id of its CloudEvent, the same whenever it is sent again; with a secret it is signed.
class WebhookFormat final : public SinkFormat {
 public:
  explicit WebhookFormat(const SinkOptions& options) : SinkFormat(options) {}

  Subject subject() const override { return options().subject; }
  std::set<std::string> transitions() const override;
  Outgoing request(std::span<const Delivery> deliveries, Timestamp now) const override;
};

}  // namespace tidewatch
