#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "stream/evaluate/trace_texts.h"
#include "stream/ingest/dialects/dialect_table.h"
#include "stream/ingest/mapping/span_mapper.h"
#include "stream/ingest/otlp_decoder.h"

namespace tidewatch {

/// Collects the texts of traces from OTLP messages that also hold others. What cannot be read is passed over: whoever
/// chose the traces has counted it.
class TraceTextReader {
 public:
  /// `traces`, `logs`: encoding of the messages; empty: recognised by message.
  TraceTextReader(std::shared_ptr<const DialectTable> table, std::optional<OtlpEncoding> traces,
                  std::optional<OtlpEncoding> logs)
      : mapper_(std::move(table), SpanMapper::Depth::details), traces_(traces), logs_(logs) {}

  /// `trace_id`: 16 raw bytes.
  void want(std::string_view trace_id) { texts_.try_emplace(std::string(trace_id)); }
  void read_traces(std::string_view message);
  void read_logs(std::string_view message);

  /// What was read of a trace. Pre: it is wanted.
  const TraceTexts& of(std::string_view trace_id) const;

 private:
  class Sink;

  SpanMapper mapper_;
  OtlpDecoder traces_;
  OtlpDecoder logs_;
  std::map<std::string, TraceTexts, std::less<>> texts_;
};

}  // namespace tidewatch
