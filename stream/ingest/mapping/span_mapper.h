#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stream/ingest/mapping/attribute_slots.h"
#include "stream/ingest/mapping/call_reader.h"
#include "stream/ingest/mapping/detail_reader.h"
#include "stream/ingest/otlp.h"
#include "tidewatch/v1/fragment.pb.h"

namespace tidewatch {

/// Spans and log records of any dialect as canonical facts and texts. Keeps its buffers between calls; not thread-safe.
class SpanMapper {
 public:
  /// What is read of texts: what signals are made of, or also what stands around it.
  enum class Depth : uint8_t { texts, details };
  explicit SpanMapper(std::shared_ptr<const DialectTable> table, Depth depth = Depth::texts);

  /// What was found beside the facts.
  struct Found {
    CallTexts texts;
    CallDetails details;       ///< with Depth::details
    bool has_content = false;  ///< texts say something: worth checking
    std::vector<tidewatch::v1::EvaluationFacts> evaluations;
  };

  /// Fills `facts`, which must be empty.
  Found map(const OtlpAttributes& resource, const OtlpScope& scope, const OtlpSpan& span,
            tidewatch::v1::SpanFacts& facts);

  /// Adds what a log record says of its span to `facts` (empty, or of earlier records of the same span) and `found`.
  /// False when it says nothing: no GenAI event.
  bool map(const OtlpAttributes& resource, const OtlpScope& scope, const OtlpLog& log, tidewatch::v1::SpanFacts& facts,
           Found& found);

  const DialectTable& table() const { return *table_; }

 private:
  struct Exception {
    std::string_view type;
    std::string_view message;
    bool has_escaped = false;
  };

  void read_events(const OtlpSpan& span);
  void add_exception(const OtlpAttributes& attributes);
  void set_operation(OtlpSpanKind kind, tidewatch::v1::SpanFacts& facts) const;
  void set_models(tidewatch::v1::SpanFacts& facts) const;
  void set_timing(const OtlpSpan& span, tidewatch::v1::SpanFacts& facts) const;
  void set_error(const OtlpSpan* span, tidewatch::v1::SpanFacts& facts) const;
  void set_finish_reasons(const std::vector<std::string>& in_content, tidewatch::v1::SpanFacts& facts) const;
  void set_labels(tidewatch::v1::SpanFacts& facts) const;
  void set_endpoint(const OtlpSpan& span, tidewatch::v1::SpanFacts& facts) const;
  void set_call(CallReader::Call call, tidewatch::v1::SpanFacts& facts, Found& found) const;
  void set_dialect(const OtlpScope& scope, tidewatch::v1::SpanFacts& facts) const;
  std::string_view text(CanonicalField field) const;

  std::shared_ptr<const DialectTable> table_;
  AttributeSlots slots_;
  CallReader calls_;
  std::optional<DetailReader> details_;
  std::vector<EventMessage> messages_;
  std::vector<const OtlpEvent*> evaluations_;
  Exception exception_;
  const OtlpEvent* first_token_ = nullptr;
};

}  // namespace tidewatch
