#pragma once

#include <memory>
#include <string_view>

#include "stream/ingest/dialects/dialect_table.h"
#include "stream/ingest/mapping/span_mapper.h"
#include "stream/ingest/otlp_decoder.h"
#include "stream/observe/fragment_batch.h"
#include "stream/observe/options.h"
#include "stream/runtime/stage.h"

namespace tidewatch {

/// Reads the public topics and writes one fragment per (record, trace) to Stream::fragments, keyed by the trace id in
/// hex: canonical facts and signals, no free text. Feedback and evaluations that name only a session are keyed by it,
/// and so is who asked what in a session; those that name only a span go to every partition. Commands are checked and
/// handed on to Stream::raised. Stateless but for its watermark, so that it needs no replay.
///
/// Event time is the end of a span (that is when it is exported), the time of a log record, feedback or evaluation.
/// output_watermark() trails the latest one by `out_of_order`. Times later than `max_future` after a record's append
/// time are clamped to it, a span keeps its duration; of records without one, times later than that after `read_at`
/// are dead letters (`future_time`).
///
/// Counts: messages (by encoding), spans (by dialect; "none" of no dialect), logs (of GenAI), ignored_logs,
/// bad_messages, bad_spans and bad_findings (by code), repaired_messages (OTLP with texts that are no UTF-8),
/// feedback_events, evaluation_events, findings_by_span (among them: name only a span), ignored_findings (about no
/// answer), read_commands, clamped_spans, clamped_findings.
class Observe final : public Stage {
 public:
  /// `table`: DialectTable::embedded(options.label_keys), shared by all tasks.
  Observe(ObserveOptions options, std::shared_ptr<const DialectTable> table, CheckTexts checks);
  ~Observe() override;

  void on_record(const Record& record, Effects& out) override;
  void on_watermark(Timestamp floor, Effects& out) override;
  Timestamp output_watermark() const override { return watermark_; }

 private:
  class Sink;

  void on_traces(const Record& record, Effects& out);
  void on_findings(const Record& record, Effects& out);
  void on_command(const Record& record, Effects& out);
  void on_logs(const Record& record, Effects& out);
  void finish(const Record& record, const Status& read, FragmentBatch& batch, Effects& out);
  void advance(Timestamp event_time);

  ObserveOptions options_;
  CheckTexts checks_;
  SpanMapper mapper_;
  OtlpDecoder traces_;
  OtlpDecoder logs_;
  Timestamp watermark_ = kMinTimestamp;
};

}  // namespace tidewatch
