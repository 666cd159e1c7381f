#pragma once

#include "stream/notify/formats/format.h"

namespace tidewatch {

/// E-mail by SMTP. An incident is one thread: the id of its first message follows from the incident's, and later ones
/// refer to it. A server's 5xx is for ever, all else may succeed later.
class EmailFormat final : public SinkFormat {
 public:
  explicit EmailFormat(const SinkOptions& options) : SinkFormat(options) {}

  Subject subject() const override { return Subject::incidents; }
  std::set<std::string> transitions() const override;
  Outgoing request(std::span<const Delivery> deliveries, Timestamp now) const override;
  Answer answer(const TransferOutcome& outcome) const override;
};

/// A header's text as RFC 2047 has it, where it is not plain ASCII; without line breaks.
std::string encoded_header(const std::string& text);

}  // namespace tidewatch
