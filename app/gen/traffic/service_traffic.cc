#include "app/gen/traffic/service_traffic.h"

#include <fmt/format.h>

#include <algorithm>

namespace tidewatch::gen {
namespace {

/// FNV-1a: a service's stream of random numbers depends on its name, not on its place among the services.
uint64_t seed_of(uint64_t seed, std::string_view name) {
  uint64_t out = 0xcbf29ce484222325 ^ (seed * 0x9e3779b97f4a7c15);
  for (const char c : name) out = (out ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  return out;
}

Duration seconds(double value) { return std::chrono::round<Duration>(std::chrono::duration<double>(value)); }

double positive_probability(const Outcome& outcome) {
  if (outcome.has_failed) return 0.04;
  switch (outcome.answer) {
    case AnswerKind::good:
      return 0.88;
    case AnswerKind::hedged:
      return 0.4;
    case AnswerKind::ungrounded:
      return 0.3;
    case AnswerKind::refused:
      return 0.2;
    case AnswerKind::empty:
    case AnswerKind::broken:
      return 0.05;
  }
  return 0.5;
}

}  // namespace

ServiceTraffic::ServiceTraffic(const Service& service, const Scenario& scenario, const GenOptions& options)
    : service_(service),
      scenario_(scenario),
      requests_per_second_(options.rate * service.traffic / 60),
      random_(seed_of(options.seed, service.name)),
      weather_(seed_of(options.seed, service.name + "/weather")),
      users_(service.name, seed_of(options.seed, service.name + "/users")) {
  for (size_t i = 0; i < kInstances; ++i) {
    const Duration phase = seconds(random_.uniform(0, to_seconds(Exporter::kInterval)));
    exporters_.emplace_back(service, fmt::format("{}-{}", service.name, i), phase);
  }
}

void ServiceTraffic::arrive(Timestamp from, Timestamp to, const Listeners& listeners) {
  weather_.advance(from);
  for (const Endpoint& endpoint : service_.endpoints) arrive_at(endpoint, from, to, listeners);
}

void ServiceTraffic::arrive_at(const Endpoint& endpoint, Timestamp from, Timestamp to, const Listeners& listeners) {
  const Conditions now = scenario_.conditions(service_.name, endpoint.route, from, false);
  const double rate = requests_per_second_ * endpoint.share * season(service_, from) * weather_.traffic() * now.traffic;
  const double length = to_seconds(to - from);
  for (double at = random_.exponential(1 / rate); at < length; at += random_.exponential(1 / rate)) {
    serve(endpoint, from + seconds(at), listeners);
  }
}

void ServiceTraffic::serve(const Endpoint& endpoint, Timestamp at, const Listeners& listeners) {
  constexpr double kEnterpriseOnWeekends = 0.3;
  constexpr double kLatencyByLoad = 0.06;
  Conditions conditions = scenario_.conditions(service_.name, endpoint.route, at, false);
  if (is_weekend(at)) conditions.segments[2] *= kEnterpriseOnWeekends;
  Session& session = users_.next(conditions, random_, listeners.on_session_end);
  if (session.is_canary) {
    // The canary's users stay who they are: only what it does to their requests differs.
    conditions = scenario_.conditions(service_.name, endpoint.route, at, true);
  }
  const Request request{.service = service_,
                        .endpoint = endpoint,
                        .conditions = conditions,
                        .at = at,
                        .user = session.user,
                        .session = session.id,
                        .segment = kSegments[session.segment],
                        .variant = session.is_canary ? "canary" : "stable",
                        .want = session.last,
                        .load_time = weather_.latency() * (1 + kLatencyByLoad * (season(service_, at) - 1))};
  const Outcome outcome = build_trace(request, random_, spans_);
  users_.answered(session, outcome.trace_id, endpoint.pipeline, outcome.answer, outcome.has_failed);
  exporters_[random_.below(exporters_.size())].add(spans_);
  maybe_vote(outcome, listeners.on_vote);
}

void ServiceTraffic::maybe_vote(const Outcome& outcome, const std::function<void(Vote)>& on_vote) {
  constexpr double kVotes = 0.08;
  constexpr double kLongestDelay = 6 * 3600;
  if (!random_.chance(kVotes)) return;
  const double delay = std::min(5 + random_.log_normal(180, 1.3), kLongestDelay);
  on_vote({.at = outcome.end + seconds(delay),
           .trace_id = outcome.trace_id,
           .is_up = random_.chance(positive_probability(outcome)),
           .id = fmt::format("fb-{:016x}", random_.bits())});
}

void ServiceTraffic::flush(Timestamp until, const std::function<void(Exporter::Batch&)>& take) {
  for (Exporter& exporter : exporters_) {
    exporter.flush(until, [&](Exporter::Batch& batch) {
      const double loss = scenario_.conditions(service_.name, "", batch.export_time, false).span_loss;
      if (loss == 0 || !random_.chance(loss)) take(batch);
    });
  }
}

bool ServiceTraffic::is_drained() const {
  return std::all_of(exporters_.begin(), exporters_.end(),
                     [](const Exporter& exporter) { return exporter.is_empty(); });
}

}  // namespace tidewatch::gen
