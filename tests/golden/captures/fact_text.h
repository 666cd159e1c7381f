#pragma once

#include <string>

#include "stream/ingest/mapping/span_mapper.h"
#include "stream/ingest/otlp.h"

namespace tidewatch {

/// One span's canonical facts as lines of a golden file: every field that is set; of texts only their lengths.
std::string fact_text(std::string_view span_name, const v1::SpanFacts& facts, const SpanMapper::Found& found);

/// Maps everything a decoder delivers and keeps it as text, span by span.
class FactSink final : public OtlpSink {
 public:
  explicit FactSink(SpanMapper& mapper) : mapper_(mapper) {}
  void on_span(const OtlpAttributes& resource, const OtlpScope& scope, const OtlpSpan& span) override;
  void on_log(const OtlpAttributes&, const OtlpScope&, const OtlpLog&) override { ++logs; }
  void on_bad(const Error&, std::string_view) override { ++bad; }

  struct Mapped {
    v1::SpanFacts facts;
    CallTexts texts;
  };
  std::vector<Mapped> spans;
  std::string text;
  size_t bad = 0;
  size_t logs = 0;

 private:
  SpanMapper& mapper_;
};

}  // namespace tidewatch
