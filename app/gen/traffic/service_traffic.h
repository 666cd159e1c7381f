#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/gen/scenario.h"
#include "app/gen/trace/trace_builder.h"
#include "app/gen/traffic/exporter.h"
#include "app/gen/traffic/random.h"
#include "app/gen/traffic/season.h"
#include "app/gen/traffic/users.h"
#include "app/gen/traffic/world.h"
#include "detectors/core/time.h"

namespace tidewatch::gen {

/// A user's vote on an answer.
struct Vote {
  Timestamp at;
  std::string trace_id;  ///< 16 raw bytes
  bool is_up;
  std::string id;
};

/// Who hears of what leaves the service by another way than its spans.
struct Listeners {
  std::function<void(Vote)> on_vote;
  std::function<void(const Session&)> on_session_end;
};

/// One service under traffic: arrivals, traces, exporters and votes.
class ServiceTraffic {
 public:
  ServiceTraffic(const Service& service, const Scenario& scenario, const GenOptions& options);

  /// Lets the requests of [from, to) arrive. Pre: `from` is where the last call ended; the interval is short against
  /// the season.
  void arrive(Timestamp from, Timestamp to, const Listeners& listeners);
  /// Batches that leave at or before `until`; what a telemetry gap loses does not come.
  void flush(Timestamp until, const std::function<void(Exporter::Batch&)>& take);
  bool is_drained() const;

 private:
  static constexpr size_t kInstances = 2;

  void arrive_at(const Endpoint& endpoint, Timestamp from, Timestamp to, const Listeners& listeners);
  void serve(const Endpoint& endpoint, Timestamp at, const Listeners& listeners);
  void maybe_vote(const Outcome& outcome, const std::function<void(Vote)>& on_vote);

  const Service& service_;
  const Scenario& scenario_;
  double requests_per_second_;
  Random random_;
  Weather weather_;
  Users users_;
  std::vector<Exporter> exporters_;
  std::vector<FinishedSpan> spans_;  ///< of the request being built
};

}  // namespace tidewatch::gen
