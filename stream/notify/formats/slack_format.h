#pragma once

#include "stream/notify/formats/format.h"

namespace tidewatch {

/// Slack. With a bot's token (chat.postMessage) an incident is one thread: what follows replies to its first message,
/// and is shown in the channel as well when it gets worse or is over. An incoming webhook knows no threads: only what
/// changes much is sent.
class SlackFormat final : public SinkFormat {
 public:
  explicit SlackFormat(const SinkOptions& options) : SinkFormat(options) {}

  Subject subject() const override { return Subject::incidents; }
  std::set<std::string> transitions() const override;
  Outgoing request(std::span<const Delivery> deliveries, Timestamp now) const override;
  /// A bot's refusals come with status 200.
  Answer answer(const TransferOutcome& outcome) const override;
  std::string reference(const Delivery& told, const TransferOutcome& outcome) const override;

 private:
  bool is_bot() const { return !options().token.empty(); }
};

}  // namespace tidewatch
