#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "detectors/core/time.h"
#include "detectors/sketch/bottom_k.h"
#include "stream/assemble/facts.h"
#include "stream/assemble/request.h"
#include "stream/assemble/sampling.h"
#include "stream/runtime/effects.h"
#include "tidewatch/v1/eval_request.pb.h"

namespace tidewatch {

/// Which of a task's requests may be chosen for evaluation. Ranks are hashes of the trace id, so that a replay offers
/// the same ones and tasks need not talk: of each stratum and period those that their own rate chooses, and the lowest
/// ranks, one more than the minimum, leave as EvalRequests when the period has ended and all its requests have closed.
/// Whoever puts those of all tasks together (stream/evaluate/sample_book.h) chooses as one task with all requests would
/// have.
///
/// Counts: eval_candidates, unsampled_requests (counted after their period was chosen from).
class Sampler {
 public:
  /// What tells that users reported a request; it is chosen whatever the rates are.
  static constexpr std::string_view kReported = "reported";

  /// `wait`: after its time a request is counted at the latest.
  Sampler(const SamplingOptions& options, Duration wait)
      : options_(options), wait_(wait), minimum_(options.minimum()) {}

  /// `sources`: Trace::sources_of_spans().
  void offer(const Request& request, const Facts& facts, const std::vector<v1::Source>& sources, bool is_reported,
             Effects& out);
  /// A request that was offered, or came too late for it, was reported at `reported_at`: it is chosen, or outside of
  /// the sample when its period had left by then.
  void report(std::string_view trace_id, Timestamp time, const Labels& labels, const std::vector<v1::Source>& sources,
              Timestamp reported_at, Effects& out);
  /// When the period of a request of this time leaves: what is reported until then is part of the sample.
  Timestamp leaves_at(Timestamp time) const;
  /// Periods that ended `wait` before leave. By the watermark, not by what assemble promises, so that whatever is still
  /// to leave is of traces that are kept, and a replay offers it again.
  void flush(Timestamp watermark, Effects& out);

 private:
  using Stratum = BottomK<v1::EvalRequest>;
  v1::EvalRequest described(std::string_view trace_id, Timestamp time, const Labels& labels,
                            const std::vector<v1::Source>& sources) const;

  SamplingOptions options_;
  Duration wait_;
  size_t minimum_;
  Timestamp watermark_ = kMinTimestamp;
  std::map<std::pair<Timestamp, std::string>, Stratum> strata_;  ///< by start of the period and name
};

}  // namespace tidewatch
