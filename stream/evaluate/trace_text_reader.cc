#include "stream/evaluate/trace_text_reader.h"

#include <utility>

#include "detectors/core/check.h"

namespace tidewatch {

class TraceTextReader::Sink final : public OtlpSink {
 public:
  explicit Sink(TraceTextReader& reader) : texts_(reader.texts_), mapper_(reader.mapper_) {}

  void on_span(const OtlpAttributes& resource, const OtlpScope& scope, const OtlpSpan& span) override {
    const auto wanted = texts_.find(span.trace_id);
    if (wanted == texts_.end()) return;
    v1::SpanFacts facts;
    const auto found = mapper_.map(resource, scope, span, facts);
    wanted->second.add(facts, found.texts, found.details);
  }
  void on_log(const OtlpAttributes& resource, const OtlpScope& scope, const OtlpLog& log) override {
    const auto wanted = texts_.find(log.trace_id);
    if (wanted == texts_.end()) return;
    LogsOfSpan& logs = logs_[{log.trace_id, log.span_id}];
    mapper_.map(resource, scope, log, logs.facts, logs.found);
  }
  /// Log records of one span say together what was asked last and what was answered.
  void finish() {
    for (const auto& [ids, logs] : logs_)
      if (logs.facts.from_log()) texts_.find(ids.first)->second.add(logs.facts, logs.found.texts, logs.found.details);
  }
  void on_bad(const Error&, std::string_view) override {}

 private:
  struct LogsOfSpan {
    v1::SpanFacts facts;
    SpanMapper::Found found;
  };

  std::map<std::string, TraceTexts, std::less<>>& texts_;
  SpanMapper& mapper_;
  std::map<std::pair<std::string, std::string>, LogsOfSpan> logs_;  ///< by trace and span id
};

void TraceTextReader::read_traces(std::string_view message) {
  Sink sink(*this);
  static_cast<void>(traces_.decode_traces(message, sink));
}

void TraceTextReader::read_logs(std::string_view message) {
  Sink sink(*this);
  static_cast<void>(logs_.decode_logs(message, sink));
  sink.finish();
}

const TraceTexts& TraceTextReader::of(std::string_view trace_id) const {
  const auto found = texts_.find(trace_id);
  TW_CHECK(found != texts_.end(), "nobody wanted the texts of this trace");
  return found->second;
}

}  // namespace tidewatch
