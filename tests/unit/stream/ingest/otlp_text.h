#pragma once

#include <string>
#include <vector>

#include "stream/ingest/otlp.h"

namespace tidewatch {

/// Writes down everything a decoder delivers, so that two ways of reading can be compared whole.
class OtlpText final : public OtlpSink {
 public:
  void on_span(const OtlpAttributes& resource, const OtlpScope& scope, const OtlpSpan& span) override;
  void on_log(const OtlpAttributes& resource, const OtlpScope& scope, const OtlpLog& log) override;
  void on_bad(const Error& reason, std::string_view part) override;

  std::vector<std::string> records;
  std::vector<std::string> bad_codes;
  std::vector<std::string> bad_parts;
};

std::string show(const OtlpValue& value);

}  // namespace tidewatch
