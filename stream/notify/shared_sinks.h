#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "stream/notify/courier.h"
#include "stream/notify/formats/format.h"
#include "stream/notify/outbox.h"
#include "stream/notify/sink_line.h"
#include "stream/outbound/surroundings.h"
#include "stream/outbound/transfers.h"
#include "stream/runtime/metrics.h"

namespace tidewatch {

/// The sinks of a process, for all its tasks: their limits are those of the process. Thread-safe.
///
/// Metrics: sink_deliveries, sink_attempts, sink_retries, sink_failures (by reason), sink_refusals (by reason),
/// sink_undelivered, sink_oldest_undelivered_seconds, sink_left_alone.
class SharedSinks final : public Courier {
 public:
  /// `metrics` outlives it. pre: the options passed check_sink()
  SharedSinks(const std::vector<SinkOptions>& options, Surroundings surroundings, Metrics& metrics);
  ~SharedSinks() override;  ///< gives up what is under way

  void offer(const void* owner, size_t sink, Delivery delivery) override;
  void withdraw(const void* owner, size_t sink, const std::string& subject) override;
  std::vector<Settled> collect(const void* owner) override;
  void forget(const void* owner) override;
  Timestamp now() const override { return surroundings_.wall(); }

 private:
  struct Sink {
    SinkOptions options;
    std::unique_ptr<SinkFormat> format;
    SinkLine line;
  };
  struct UnderWay {
    size_t sink = 0;
    SinkLine::Attempt attempt;
  };

  SinkLine::Moment moment() const { return {surroundings_.monotonic(), surroundings_.wall()}; }
  void start(size_t sink, SinkLine::Attempt attempt);
  void take(const TransferOutcome& outcome);
  void report(const Sink& sink, const SinkLine::Moment& now);

  std::mutex mutex_;
  Surroundings surroundings_;
  Metrics& metrics_;
  std::vector<Sink> sinks_;
  Transfers transfers_;
  std::map<uint64_t, UnderWay> under_way_;
  uint64_t last_transfer_ = 0;
  std::map<const void*, std::vector<Settled>> done_;
};

/// What an Outbox has to know of the sinks, in their order.
std::vector<Interest> interests_of(const std::vector<SinkOptions>& sinks);

/// What is sent to a sink, with its timeouts.
Outgoing outgoing(const SinkFormat& format, const SinkOptions& options, std::span<const Delivery> deliveries,
                  Timestamp now);

}  // namespace tidewatch
