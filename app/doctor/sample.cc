#include "app/doctor/sample.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "stream/ingest/evaluation.h"
#include "stream/ingest/feedback.h"

namespace tidewatch::doctor {
namespace {

void note_bad(const Record& record, const Error& error, TopicSample& into) {
  ++into.bad[error.code];
  into.bad_examples.try_emplace(error.code, fmt::format("{}/{}: {}", record.partition, record.offset, error.message));
}

}  // namespace

class Sample::Sink final : public OtlpSink {
 public:
  Sink(Sample& sample, const Record& record) : sample_(sample), record_(record) {}

  void on_span(const OtlpAttributes& resource, const OtlpScope& scope, const OtlpSpan& span) override {
    v1::SpanFacts facts;
    const auto found = sample_.mapper_.map(resource, scope, span, facts);
    SpanSample& out = sample_.spans_;
    ++out.spans;
    out.traces.insert(span.trace_id);
    ++out.dialects[facts.dialect().empty() ? "none" : facts.dialect()];
    for (const auto& label : facts.labels()) note_label(label.name(), label.value(), span.trace_id);
    if (record_.append_time != kMinTimestamp) out.delays.push_back(to_seconds(record_.append_time - span.end));
    if (facts.operation() == v1::OPERATION_LLM) note_call(facts, found, span.trace_id);
  }

  void on_log(const OtlpAttributes& resource, const OtlpScope& scope, const OtlpLog& log) override {
    v1::SpanFacts facts;
    SpanMapper::Found found;
    const bool says = !log.trace_id.empty() && sample_.mapper_.map(resource, scope, log, facts, found);
    ++(says ? sample_.spans_.genai_logs : sample_.spans_.other_logs);
  }

  void on_bad(const Error& reason, std::string_view) override { note_bad(record_, reason, sample_.topic_of(record_)); }

 private:
  void note_label(const std::string& name, const std::string& value, const std::string& trace) {
    ++sample_.spans_.labels[name][value];
    sample_.spans_.label_traces[name].insert(trace);
  }

  void note_call(const v1::SpanFacts& facts, const SpanMapper::Found& found, const std::string& trace) {
    SpanSample& out = sample_.spans_;
    ++out.model_calls;
    if (facts.has_input_tokens() || facts.has_output_tokens()) ++out.model_calls_with_tokens;
    if (found.has_content) ++out.model_calls_with_text;
    // As requests are labelled: the model asked for, else the one that answered.
    const std::string& model = facts.request_model().empty() ? facts.response_model() : facts.request_model();
    if (!model.empty()) note_label("model", model, trace);
    if (!facts.provider().empty()) note_label("provider", facts.provider(), trace);
  }

  Sample& sample_;
  const Record& record_;
};

Sample::Sample(const Config& config, std::shared_ptr<const DialectTable> table)
    : config_(config),
      mapper_(std::move(table)),
      traces_(config.observe.traces_encoding),
      logs_(config.observe.logs_encoding) {}
Sample::~Sample() = default;

void Sample::add(const Record& record) {
  TopicSample& topic = topic_of(record);
  ++topic.messages;
  topic.newest = std::max(topic.newest, record.append_time);
  if (record.stream == Stream::feedback || record.stream == Stream::evaluations) return add_findings(record);
  const bool is_traces = record.stream == Stream::traces;
  const auto encoding = (is_traces ? config_.observe.traces_encoding : config_.observe.logs_encoding)
                            .value_or(otlp_encoding_of(record.value));
  ++topic.encodings[encoding == OtlpEncoding::json ? "json" : "protobuf"];
  Sink sink(*this, record);
  const auto read = is_traces ? traces_.decode_traces(record.value, sink) : logs_.decode_logs(record.value, sink);
  if (!read) note_bad(record, read.error(), topic);
}

void Sample::add_findings(const Record& record) {
  TopicSample& topic = topic_of(record);
  const ScoreRanges& ranges = config_.observe.score_ranges;
  const auto read = record.stream == Stream::feedback ? parse_feedback(record.value, record.append_time, ranges)
                                                      : parse_evaluations(record.value, record.append_time, ranges);
  if (!read) return note_bad(record, read.error(), topic);
  for (const auto& bad : read->bad) note_bad(record, bad.error, topic);
  const auto note = [&](const EventTarget& target, const std::string& name) {
    ++findings_.names[name];
    if (target.kind == EventTarget::Kind::trace) ++findings_.with_trace;
  };
  for (const auto& one : read->feedback) note(one.target, one.facts.name());
  for (const auto& one : read->evaluations) note(one.target, one.facts.name());
  findings_.feedback += read->feedback.size();
  findings_.evaluations += read->evaluations.size();
}

}  // namespace tidewatch::doctor
