#pragma once

#include <memory>
#include <vector>

#include "app/config/config.h"
#include "app/tap/item.h"
#include "stream/ingest/mapping/span_mapper.h"
#include "stream/ingest/otlp_decoder.h"
#include "stream/runtime/record.h"

namespace tidewatch::tap {

/// Records of the public input topics as Tidewatch reads them: canonical facts of spans and findings, without texts.
class InputReader {
 public:
  InputReader(const ObserveOptions& options, std::shared_ptr<const DialectTable> table);
  ~InputReader();

  /// One item for each span, log record, feedback event and evaluation, and one for each that cannot be used. Pre: a
  /// record of traces, logs, feedback or evaluations.
  std::vector<Item> read(const Record& record);

 private:
  class Sink;
  ScoreRanges score_ranges_;
  SpanMapper mapper_;
  OtlpDecoder traces_;
  OtlpDecoder logs_;
};

}  // namespace tidewatch::tap
