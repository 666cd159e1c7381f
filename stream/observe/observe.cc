#include "stream/observe/observe.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "stream/alert/command_reader.h"
#include "stream/ingest/evaluation.h"
#include "stream/ingest/feedback.h"
#include "stream/ingest/otlp_checks.h"
#include "stream/observe/finding_fragments.h"
#include "tidewatch/v1/raised.pb.h"

namespace tidewatch {
namespace {

v1::Source source_of(const Record& record) {
  v1::Source out;
  out.set_topic(std::string(record.topic));
  out.set_partition(record.partition);
  out.set_offset(record.offset);
  return out;
}

/// The latest time that is believed of what was written at `written`.
Timestamp latest_believed(Timestamp written, Duration max_future) {
  return written > kMaxTimestamp - max_future ? kMaxTimestamp : written + max_future;
}

bool has_append_time(const Record& record) { return record.append_time != kMinTimestamp; }

Timestamp latest_believed(const Record& record, const ObserveOptions& options) {
  return latest_believed(has_append_time(record) ? record.append_time : options.read_at, options.max_future);
}

/// A clock that is ahead moves the whole span; a wrong end alone is cut. True when something was moved.
bool clamp(v1::SpanFacts& facts, Timestamp append_time, Timestamp latest) {
  const int64_t end = facts.end_unix_nano();
  const int64_t start = facts.start_unix_nano();
  const int64_t limit = latest.time_since_epoch().count();
  if (end <= limit) return false;
  const int64_t now = append_time.time_since_epoch().count();
  facts.set_end_unix_nano(now);
  facts.set_start_unix_nano(start > limit ? now - (end - start) : std::min(start, now));
  facts.set_clamped(true);
  return true;
}

/// The same of a FeedbackFacts or EvaluationFacts.
bool clamp_finding(auto& facts, const Record& record, Timestamp latest) {
  if (!has_append_time(record) || facts.time_unix_nano() <= latest.time_since_epoch().count()) return false;
  facts.set_time_unix_nano(record.append_time.time_since_epoch().count());
  return true;
}

}  // namespace

/// Maps what the decoder delivers into the record's batch.
class Observe::Sink final : public OtlpSink {
 public:
  Sink(Observe& stage, const Record& record, FragmentBatch& batch, Effects& out)
      : stage_(stage), record_(record), batch_(batch), out_(out), latest_(latest_believed(record, stage.options_)) {}

  void on_span(const OtlpAttributes& resource, const OtlpScope& scope, const OtlpSpan& span) override {
    v1::SpanFacts& facts = batch_.add_span(span.trace_id);
    auto found = stage_.mapper_.map(resource, scope, span, facts);
    ++spans_[facts.dialect()];
    settle(facts);
    settle(found.evaluations);
    batch_.add(span.trace_id, std::move(found));
  }

  void on_log(const OtlpAttributes& resource, const OtlpScope& scope, const OtlpLog& log) override {
    if (log.trace_id.empty()) {
      ++ignored_logs_;
      return;
    }
    auto& into = batch_.log_facts(log.trace_id, log.span_id);
    const size_t known = into.found.evaluations.size();
    if (!stage_.mapper_.map(resource, scope, log, into.facts, into.found)) {
      ++ignored_logs_;
      return;
    }
    ++logs_;
    settle(into.found.evaluations, known);
    if (into.facts.from_log())
      settle(into.facts);
    else
      stage_.advance(std::min(log.time, latest_));
  }

  void on_bad(const Error& reason, std::string_view part) override {
    out_.count("bad_spans", reason.code);
    out_.dead_letter(record_, reason, part);
  }

  void count() {
    for (const auto& [dialect, spans] : spans_) out_.count("spans", dialect.empty() ? "none" : dialect, spans);
    if (clamped_ > 0) out_.count("clamped_spans", {}, clamped_);
    if (clamped_evaluations_ > 0) out_.count("clamped_findings", {}, clamped_evaluations_);
    if (logs_ > 0) out_.count("logs", {}, logs_);
    if (ignored_logs_ > 0) out_.count("ignored_logs", {}, ignored_logs_);
  }

 private:
  void settle(v1::SpanFacts& facts) {
    if (has_append_time(record_) && clamp(facts, record_.append_time, latest_)) ++clamped_;
    stage_.advance(Timestamp(Duration(facts.end_unix_nano())));
  }

  /// Those before `first` were settled already. Scores of telemetry state no scale: that of the config counts, else
  /// they stay as they are.
  void settle(std::vector<v1::EvaluationFacts>& evaluations, size_t first = 0) {
    for (size_t i = first; i < evaluations.size(); ++i)
      if (clamp_finding(evaluations[i], record_, latest_)) ++clamped_evaluations_;
    const auto is_refused = [&](v1::EvaluationFacts& facts) {
      const auto range = stage_.options_.score_ranges.find(facts.name());
      if (!facts.has_score() || range == stage_.options_.score_ranges.end()) return false;
      const auto share = normalised(facts.score(), range->second);
      if (share) {
        facts.set_score(*share);
        return false;
      }
      out_.count("bad_findings", share.error().code);
      out_.dead_letter(record_, share.error(), facts.id());
      return true;
    };
    evaluations.erase(
        std::remove_if(evaluations.begin() + static_cast<std::ptrdiff_t>(first), evaluations.end(), is_refused),
        evaluations.end());
  }

  Observe& stage_;
  const Record& record_;
  FragmentBatch& batch_;
  Effects& out_;
  Timestamp latest_;
  std::map<std::string, uint64_t> spans_;  ///< by dialect
  uint64_t clamped_ = 0;
  uint64_t clamped_evaluations_ = 0;
  uint64_t logs_ = 0;
  uint64_t ignored_logs_ = 0;
};

Observe::Observe(ObserveOptions options, std::shared_ptr<const DialectTable> table, CheckTexts checks)
    : options_(std::move(options)),
      checks_(std::move(checks)),
      mapper_(std::move(table)),
      traces_(options_.traces_encoding, latest_believed(options_.read_at, options_.max_future)),
      logs_(options_.logs_encoding, latest_believed(options_.read_at, options_.max_future)) {}
Observe::~Observe() = default;

void Observe::on_record(const Record& record, Effects& out) {
  switch (record.stream) {
    case Stream::traces:
      return on_traces(record, out);
    case Stream::logs:
      return on_logs(record, out);
    case Stream::feedback:
    case Stream::evaluations:
      return on_findings(record, out);
    case Stream::commands:
      return on_command(record, out);
    default:
      TW_CHECK(false, "observe reads no such stream");
  }
}

void Observe::on_traces(const Record& record, Effects& out) {
  FragmentBatch batch(source_of(record));
  Sink sink(*this, record, batch, out);
  const auto encoding = options_.traces_encoding.value_or(otlp_encoding_of(record.value));
  out.count("messages", encoding == OtlpEncoding::json ? "traces_json" : "traces_protobuf");
  const auto read = traces_.decode_traces(record.value, sink);
  if (traces_.was_repaired()) out.count("repaired_messages");
  sink.count();
  finish(record, read, batch, out);
}

void Observe::on_logs(const Record& record, Effects& out) {
  FragmentBatch batch(source_of(record));
  Sink sink(*this, record, batch, out);
  const auto encoding = options_.logs_encoding.value_or(otlp_encoding_of(record.value));
  out.count("messages", encoding == OtlpEncoding::json ? "logs_json" : "logs_protobuf");
  const auto read = logs_.decode_logs(record.value, sink);
  if (logs_.was_repaired()) out.count("repaired_messages");
  sink.count();
  finish(record, read, batch, out);
}

void Observe::on_findings(const Record& record, Effects& out) {
  const bool is_feedback = record.stream == Stream::feedback;
  out.count("messages", is_feedback ? "feedback" : "evaluations");
  const auto read = is_feedback ? parse_feedback(record.value, record.append_time, options_.score_ranges)
                                : parse_evaluations(record.value, record.append_time, options_.score_ranges);
  if (!read) {
    out.count("bad_messages", read.error().code);
    return out.dead_letter(record, read.error(), record.value);
  }
  const Timestamp latest = latest_believed(record, options_);
  FindingFragments fragments(source_of(record));
  uint64_t feedback_events = 0;
  uint64_t evaluation_events = 0;
  const auto settle = [&](auto facts) -> std::optional<decltype(facts)> {
    if (clamp_finding(facts, record, latest)) out.count("clamped_findings");
    const Timestamp time{Duration(facts.time_unix_nano())};
    if (const auto past = check_past(time, latest); !past) {
      out.count("bad_findings", past.error().code);
      out.dead_letter(record, past.error(), facts.id());
      return std::nullopt;
    }
    advance(time);
    return facts;
  };
  for (const auto& feedback : read->feedback)
    if (auto facts = settle(feedback.facts)) {
      auto& fragment = fragments.of(feedback.target, !facts->labels().empty());
      *fragment.add_feedback() = *std::move(facts);
      ++feedback_events;
    }
  for (const auto& found : read->evaluations)
    if (auto facts = settle(found.facts)) {
      auto& fragment = fragments.of(found.target, !facts->labels().empty());
      *fragment.add_evaluations() = *std::move(facts);
      ++evaluation_events;
    }
  for (const auto& bad : read->bad) {
    out.count("bad_findings", bad.error.code);
    out.dead_letter(record, bad.error, bad.part);
  }
  if (feedback_events > 0) out.count("feedback_events", {}, feedback_events);
  if (evaluation_events > 0) out.count("evaluation_events", {}, evaluation_events);
  if (read->ignored > 0) out.count("ignored_findings", {}, read->ignored);
  fragments.emit(out);
}

void Observe::on_command(const Record& record, Effects& out) {
  out.count("messages", "commands");
  auto command = read_command(record);
  if (!command) {
    out.count("bad_messages", command.error().code);
    return out.dead_letter(record, command.error(), record.value);
  }
  // What concerns entities goes the way of their data, to whichever task owns them.
  if (command->has_mark() || command->has_expect() || command->has_unexpect() || command->has_rollout()) {
    v1::Fragment fragment;
    *fragment.mutable_command() = *command;
    out.emit(Stream::fragments, command->id(), fragment.SerializeAsString());
  }
  v1::Raised raised;
  *raised.mutable_command() = std::move(command).value();
  out.emit(Stream::raised, raised.command().id(), raised.SerializeAsString());
  out.count("read_commands");
}

void Observe::finish(const Record& record, const Status& read, FragmentBatch& batch, Effects& out) {
  if (!read) {
    out.count("bad_messages", read.error().code);
    out.dead_letter(record, read.error(), record.value);
  }
  batch.check_texts(checks_);
  batch.emit(out);
}

void Observe::on_watermark(Timestamp floor, Effects&) { watermark_ = std::max(watermark_, floor); }

void Observe::advance(Timestamp event_time) {
  watermark_ = std::max(watermark_, saturating_minus(event_time, options_.out_of_order));
}

}  // namespace tidewatch
