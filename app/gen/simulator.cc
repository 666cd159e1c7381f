#include "app/gen/simulator.h"

#include <absl/strings/escaping.h>

#include <queue>
#include <vector>

#include "app/files/json_appender.h"
#include "app/files/otlp_json_text.h"
#include "app/gen/traffic/service_traffic.h"
#include "stream/publish/timestamps.h"

namespace tidewatch::gen {
namespace {

/// Messages on their way, ordered by export time and then by when they were made.
class Outbox {
 public:
  void add(Emission emission) { waiting_.push({next_++, std::move(emission)}); }
  /// Sends what is due before `until`; false when the receiver wants no more.
  bool send(Timestamp until, const std::function<bool(const Emission&)>& emit) {
    while (!waiting_.empty() && waiting_.top().emission.export_time < until) {
      if (!emit(waiting_.top().emission)) return false;
      waiting_.pop();
    }
    return true;
  }

 private:
  struct Waiting {
    uint64_t number;
    Emission emission;
    bool operator<(const Waiting& other) const {  // the top of the queue is the greatest
      if (emission.export_time != other.emission.export_time) return emission.export_time > other.emission.export_time;
      return number > other.number;
    }
  };
  std::priority_queue<Waiting> waiting_;
  uint64_t next_ = 0;
};

/// Late and repeated delivery, as retrying exporters and collectors cause it.
class Disorder {
 public:
  Disorder(double share, uint64_t seed) : share_(share), random_(seed) {}
  void pass(Emission emission, Outbox& to) {
    if (share_ > 0 && random_.chance(share_)) {
      Emission again = emission;
      again.export_time += seconds(random_.uniform(1, 30));
      to.add(std::move(again));
    }
    if (share_ > 0 && random_.chance(share_)) emission.export_time += seconds(random_.exponential(90));
    to.add(std::move(emission));
  }

 private:
  static Duration seconds(double value) { return std::chrono::round<Duration>(std::chrono::duration<double>(value)); }
  double share_;
  Random random_;
};

std::string encoded(const otlp::v1::TracesData& message, OtlpEncoding encoding) {
  std::string out;
  if (encoding == OtlpEncoding::json) {
    append_otlp_json(message, out);
  } else {
    message.AppendToString(&out);
  }
  return out;
}

Emission feedback_of(const Vote& vote) {
  Emission out{
      .export_time = vote.at, .stream = Stream::feedback, .payload = {}, .key = absl::BytesToHexString(vote.trace_id)};
  JsonAppender stream{out.payload};
  JsonWriter to(stream);
  to.StartObject();
  const auto member = [&](const char* key, const std::string& text) {
    to.Key(key);
    to.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  };
  member("id", vote.id);
  member("op", "create");
  member("time", rfc3339(vote.at));
  member("trace_id", out.key);
  member("name", "thumb");
  member("thumb", vote.is_up ? "up" : "down");
  member("source", "user");
  to.EndObject();
  return out;
}

}  // namespace

Result<Simulator> Simulator::create(const GenOptions& options, OtlpEncoding encoding) {
  auto scenario = build_scenario(options);
  if (!scenario) return scenario.error();
  return Simulator(std::move(*scenario), options, encoding);
}

void Simulator::run(const std::function<bool(const Emission&)>& emit,
                    const std::function<void(const Session&)>& on_session_end) const {
  constexpr Duration kStep = std::chrono::seconds(5);
  std::vector<ServiceTraffic> services;
  for (const Service& service : world()) services.emplace_back(service, scenario_, options_);
  Outbox outbox;
  Disorder disorder(options_.disorder, options_.seed + 1);
  Listeners listeners;
  listeners.on_vote = [&](const Vote& vote) { disorder.pass(feedback_of(vote), outbox); };
  listeners.on_session_end = [&](const Session& session) {
    if (on_session_end) on_session_end(session);
  };
  const auto on_batch = [&](Exporter::Batch& batch) {
    disorder.pass({.export_time = batch.export_time,
                   .stream = Stream::traces,
                   .payload = encoded(batch.message, encoding_),
                   .key = {},
                   .spans = batch.spans},
                  outbox);
  };
  for (Timestamp at = scenario_.history_start; at < scenario_.traffic_end; at += kStep) {
    const Timestamp until = std::min(at + kStep, scenario_.traffic_end);
    for (ServiceTraffic& service : services) service.arrive(at, until, listeners);
    // Later arrivals end later: batches that close by now are complete.
    for (ServiceTraffic& service : services) service.flush(until, on_batch);
    if (!outbox.send(until, emit)) return;
  }
  for (ServiceTraffic& service : services) service.flush(kMaxTimestamp, on_batch);
  outbox.send(kMaxTimestamp, emit);
}

}  // namespace tidewatch::gen
