#include "app/traffic/send_traffic.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "app/progress.h"
#include "app/stop_signals.h"
#include "app/traffic/traffic_producer.h"
#include "stream/runtime/kafka_cluster.h"

namespace tidewatch {
namespace {

using std::chrono::steady_clock;

/// Kafka's default of message.timestamp.after.max.ms.
constexpr Duration kMaxAhead = std::chrono::hours(1);
/// How often signals and the progress bar are looked after while nothing is due.
constexpr Duration kSlice = std::chrono::milliseconds(100);
/// Longer than the client itself tries (message.timeout.ms, 5 min): it knows the reason.
constexpr auto kFlushPatience = std::chrono::minutes(6);
constexpr auto kFlushPatienceInterrupted = std::chrono::seconds(30);

Timestamp wall_now() { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }

Result<int32_t> trace_partitions(const KafkaOptions& options) {
  auto cluster = kafka::Cluster::open(options);
  if (!cluster) return cluster.error();
  const std::string traces = options.topics.of(Stream::traces);
  const auto counts =
      (*cluster)->partition_counts({traces, options.topics.of(Stream::feedback)}, options.broker_timeout);
  if (!counts) return counts.error();
  for (const auto& [topic, partitions] : *counts)
    if (partitions == 0)
      return Error{"no_topic", fmt::format("topic {} does not exist; `tidewatch doctor --fix` creates it", topic)};
  return counts->at(traces);
}

Status check_pace(const gen::Scenario& scenario, const Pace& pace, Timestamp begin) {
  const Duration ahead = pace.ahead(scenario.traffic_end, begin);
  if (ahead <= kMaxAhead) return ok_status();
  return Error{"usage", fmt::format("the traffic would run up to {:.1f} h ahead of the clock, and brokers refuse more "
                                    "than one: end it now (--end now), or send it in real time (without --speed and "
                                    "--no-wait)",
                                    to_seconds(ahead) / 3600)};
}

/// One run of send_traffic().
class Sending {
 public:
  Sending(const gen::Scenario& scenario, const Pace& pace, TrafficProducer& producer, StopSignals& signals)
      : scenario_(scenario), pace_(pace), producer_(producer), signals_(signals) {}

  /// False when nothing more is to be sent.
  bool take(const gen::Emission& emission) {
    const bool is_trace = emission.stream == gen::Stream::traces;
    if (!is_trace && emission.export_time >= scenario_.traffic_end) return true;
    if (!wait_until(pace_.due(emission.export_time))) return false;
    if (auto status = producer_.send(emission); !status) return fail(std::move(status));
    out_.messages += is_trace ? 1 : 0;
    out_.votes += is_trace ? 0 : 1;
    at_ = emission.export_time;
    show();
    // Without waiting no one else asks whether a signal has come.
    return (out_.messages + out_.votes) % 256 != 0 || !is_stopped();
  }

  SentTraffic finish() {
    if (auto flushed = flush(); !flushed && out_.status) out_.status = std::move(flushed);
    out_.spans = producer_.spans();
    out_.delivered = producer_.delivered();
    out_.failed = producer_.failed();
    out_.seconds = std::chrono::duration<double>(steady_clock::now() - begun_).count();
    return std::move(out_);
  }

 private:
  bool wait_until(Timestamp due) {
    for (Timestamp now = wall_now(); now < due; now = wall_now()) {
      if (auto status = producer_.wait(std::min(due - now, kSlice)); !status) return fail(std::move(status));
      if (is_stopped()) return false;
      show();
    }
    return true;
  }
  /// A signal while it waits ends it.
  Status flush() {
    const auto give_up = steady_clock::now() +
                         (out_.is_interrupted ? steady_clock::duration(kFlushPatienceInterrupted) : kFlushPatience);
    for (;;) {
      Status flushed = producer_.flush(kSlice);
      if (producer_.delivered() + producer_.failed() == producer_.messages()) return flushed;
      if (signals_.arrived() || steady_clock::now() > give_up) return flushed;
    }
  }
  bool is_stopped() {
    out_.is_interrupted = out_.is_interrupted || signals_.arrived();
    return out_.is_interrupted;
  }
  bool fail(Status status) {
    out_.status = std::move(status);
    return false;
  }
  void show() {
    const Duration whole = scenario_.traffic_end - scenario_.history_start;
    progress_.update(to_seconds(at_ - scenario_.history_start) / to_seconds(whole),
                     fmt::format("{} spans", producer_.spans()));
  }

  const gen::Scenario& scenario_;
  const Pace& pace_;
  TrafficProducer& producer_;
  StopSignals& signals_;
  Progress progress_{"sending"};
  steady_clock::time_point begun_ = steady_clock::now();
  Timestamp at_ = scenario_.history_start;
  SentTraffic out_;
};

}  // namespace

Result<SentTraffic> send_traffic(const gen::Simulator& simulator, const KafkaOptions& options, const Pace& pace) {
  StopSignals signals;  // before the client's threads
  if (auto possible = check_pace(simulator.scenario(), pace, wall_now()); !possible) return possible.error();
  const auto partitions = trace_partitions(options);
  if (!partitions) return partitions.error();
  auto producer = TrafficProducer::open(options, *partitions);
  if (!producer) return producer.error();
  Sending sending(simulator.scenario(), pace, *producer, signals);
  simulator.run([&](const gen::Emission& emission) { return sending.take(emission); });
  return sending.finish();
}

}  // namespace tidewatch
