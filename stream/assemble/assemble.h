#pragma once

#include <string>
#include <string_view>

#include "stream/assemble/contributor.h"
#include "stream/assemble/options.h"
#include "stream/assemble/trace_store.h"
#include "stream/runtime/stage.h"
#include "tidewatch/v1/fragment.pb.h"

namespace tidewatch {

/// Joins fragments into requests and combines their measures by entity and pane: reads Stream::fragments (by trace),
/// writes Stream::partials (by entity).
///
/// A request is counted when the watermark has passed its last span by `trace_quiet`, or by `trace_timeout` while its
/// entry was not seen; it counts in the pane of its last span. Afterwards its labels are kept for `join_horizon`, so
/// that late spans, feedback and evaluations count where they belong. Spans count once by (trace id, span id), feedback
/// and evaluations once by id. Requests without any model, retrieval, tool or agent are plain: they count for entities
/// that have others too, so that what fails before it calls a model is not lost (detect decides); without an endpoint,
/// or at an ignored one (health checks), they do not count.
///
/// Counts: requests, rootless_requests, requests_without_entity (among them; they have the labels of no group, such as
/// a service, and count nowhere), plain_requests, ignored_traces, duplicate_spans, late_spans, spans_over_limit,
/// feedback, duplicate_feedback, corrected_feedback, unmatched_feedback (counted nowhere: no labels were known, or a
/// withdrawal came before its vote), evaluations, duplicate_evaluations, unmatched_evaluations, partials.
class Assemble final : public Stage {
 public:
  explicit Assemble(const AssembleOptions& options) : options_(options), contributor_(options) {}

  void on_record(const Record& record, Effects& out) override;
  void on_watermark(Timestamp watermark, Effects& out) override;
  int64_t needed_from() const override { return store_.oldest_offset(); }
  Timestamp output_watermark() const override { return promised_; }

 private:
  void add_spans(Trace& trace, const v1::Fragment& fragment, Effects& out);
  void add_late_span(Trace& trace, const v1::SpanFacts& facts, const v1::Source& source, Effects& out);
  void add_feedback(Trace& trace, const v1::FeedbackFacts& feedback, Effects& out);
  void add_evaluation(Trace& trace, const v1::EvaluationFacts& evaluation, Effects& out);
  void count_feedback(Trace& trace, const v1::FeedbackFacts& feedback, Effects& out);
  void count_evaluation(Trace& trace, const v1::EvaluationFacts& evaluation, Effects& out);
  void touch(Trace& trace, Timestamp time) const;
  void schedule(Trace& trace);
  void close(Trace& trace, Effects& out);
  bool is_ignored(std::string_view endpoint) const;

  AssembleOptions options_;
  Contributor contributor_;
  TraceStore store_;
  Timestamp watermark_ = kMinTimestamp;
  Timestamp promised_ = kMinTimestamp;
};

}  // namespace tidewatch
