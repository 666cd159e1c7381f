#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "stream/assemble/contributor.h"
#include "stream/assemble/options.h"
#include "stream/assemble/sampler.h"
#include "stream/assemble/session_book.h"
#include "stream/assemble/sought_findings.h"
#include "stream/assemble/trace_store.h"
#include "stream/assemble/turns.h"
#include "stream/runtime/stage.h"
#include "tidewatch/v1/fragment.pb.h"

namespace tidewatch {

/// Joins fragments into requests and combines their measures by entity and pane: reads Stream::fragments (by trace),
/// writes Stream::partials (by entity), Stream::turns (by session) and, where requests are sampled,
/// Stream::eval_requests (by stratum).
///
/// A request is counted when the watermark has passed its last span by `trace_quiet`, or by `trace_timeout` while no
/// span without parent was seen (then the earliest span that serves an absent caller is its entry); it counts in the
/// pane of its last span. Afterwards its labels are kept for `join_horizon`, so that late spans, feedback and
/// evaluations count where they belong; what names only a span is sought by every task (sought_findings.h), what names
/// only a session counts with the session's request (session_book.h). Spans count once by (trace id, span id), feedback
/// and evaluations once by id. Requests without any model, retrieval, tool or agent are plain: they count for entities
/// that have others too, so that what fails before it calls a model is not lost (detect decides); without an endpoint,
/// or at an ignored one (health checks), they do not count.
///
/// Counts: requests, rootless_requests (without entry), requests_by_timeout (waited for a root that did not come),
/// requests_without_entity (among them; they have the labels of no group, such as
/// a service, and count nowhere), plain_requests, ignored_traces, duplicate_spans, late_spans, spans_over_limit,
/// feedback, duplicate_feedback, corrected_feedback, unmatched_feedback (by what it names, "trace", "session" or
/// "span"; counted nowhere: no labels were known, or a withdrawal came before its vote), joined_by_span, evaluations,
/// duplicate_evaluations, unmatched_evaluations (as of feedback), partials, and those of Turns
/// and Sampler.
class Assemble final : public Stage {
 public:
  explicit Assemble(const AssembleOptions& options);

  void on_record(const Record& record, Effects& out) override;
  void on_watermark(Timestamp watermark, Effects& out) override;
  int64_t needed_from() const override;
  Timestamp output_watermark() const override { return promised_; }

 private:
  /// What findings count with.
  struct Target {
    CountedFindings& counted;
    const Labels& labels;
    const Exemplar& exemplar;
    std::string_view kind;  ///< what they name
  };
  void add_spans(Trace& trace, const v1::Fragment& fragment, Effects& out);
  void add_late_span(Trace& trace, const v1::SpanFacts& facts, const v1::Source& source, Effects& out);
  void add_findings(Trace& trace, const v1::Fragment& fragment, Effects& out);
  /// Commands are for those who own entities: a copy to each of them.
  void hand_on(const v1::Command& command, Effects& out) const;
  void seek(v1::Fragment fragment, int64_t offset, Effects& out);
  void join(Trace& trace, const v1::Fragment& sought, int64_t offset, Effects& out);
  void join_sought(Trace& trace, const v1::Fragment& fragment, Effects& out);
  void count(Trace& trace, const SessionBook::Finding& finding, Effects& out);
  void count(const Target& target, const SessionBook::Finding& finding, Effects& out);
  void count_feedback(const Target& target, const v1::FeedbackFacts& feedback, Effects& out);
  void count_evaluation(const Target& target, const v1::EvaluationFacts& evaluation, Effects& out);
  void touch(Trace& trace, Timestamp time) const;
  void schedule(Trace& trace);
  void close(Trace& trace, Effects& out);
  void sample(Trace& trace, const Request& request, Effects& out);
  bool is_ignored(std::string_view endpoint) const;

  AssembleOptions options_;
  Contributor contributor_;
  Turns turns_;
  TraceStore store_;
  SoughtFindings sought_;
  SessionBook sessions_;
  std::optional<Sampler> sampler_;
  Timestamp watermark_ = kMinTimestamp;
  Timestamp promised_ = kMinTimestamp;
};

}  // namespace tidewatch
