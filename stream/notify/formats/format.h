#pragma once

#include <memory>
#include <set>
#include <span>
#include <string>
#include <variant>

#include "stream/notify/delivery.h"
#include "stream/notify/notice.h"
#include "stream/notify/sink_line.h"
#include "stream/notify/sink_options.h"
#include "stream/outbound/transfers.h"

namespace tidewatch {

using Outgoing = std::variant<HttpPost, Mail>;

/// How one kind of sink is spoken to. Pure: a request is a function of the messages and the time.
class SinkFormat {
 public:
  explicit SinkFormat(const SinkOptions& options) : options_(options) {}
  virtual ~SinkFormat() = default;
  SinkFormat(const SinkFormat&) = delete;
  SinkFormat& operator=(const SinkFormat&) = delete;

  virtual Subject subject() const = 0;
  /// Those that are worth a message to who knows that it fires.
  virtual std::set<std::string> transitions() const = 0;
  virtual bool hears_missed() const { return true; }
  virtual bool forgets() const { return false; }
  virtual size_t batch() const { return 1; }

  /// pre: as many deliveries as batch() at most, at least one. Timeouts are the caller's.
  virtual Outgoing request(std::span<const Delivery> deliveries, Timestamp now) const = 0;
  /// What an outcome means; of HTTP: 2xx is told, 408, 425, 429, 5xx and no answer may succeed later, the rest never.
  virtual Answer answer(const TransferOutcome& outcome) const;
  /// What is to be remembered of a message that was told.
  virtual std::string reference(const Delivery& told, const TransferOutcome& outcome) const;

 protected:
  const SinkOptions& options() const { return options_; }
  /// A POST of JSON with the headers of the config.
  HttpPost post(std::string url, std::string body) const;
  /// The page about it, where the config names one.
  std::string link(const v1::Notice& notice) const;

 private:
  SinkOptions options_;
};

std::unique_ptr<SinkFormat> make_format(const SinkOptions& options);

/// What it speaks to when the config names no address; empty: it has to.
std::string default_url(SinkType type);

}  // namespace tidewatch
