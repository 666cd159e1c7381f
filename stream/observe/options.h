#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "detectors/core/time.h"
#include "stream/ingest/dialects/label_keys.h"
#include "stream/ingest/findings/finding.h"
#include "stream/ingest/otlp_decoder.h"

namespace tidewatch {

struct ObserveOptions {
  std::optional<OtlpEncoding> traces_encoding;  ///< empty: recognised by message
  std::optional<OtlpEncoding> logs_encoding;
  LabelKeys label_keys;                           ///< beside or before the defaults of the dialect tables
  ScoreRanges score_ranges;                       ///< of feedback and evaluations that state none, by name
  Duration max_future = std::chrono::minutes(1);  ///< against a record's append time; later is clamped and counted
  /// Until when files were written, whose records have no append time: what is later by more than `max_future` is
  /// refused, as nothing says when it was instead.
  Timestamp read_at = kMaxTimestamp;
  Duration out_of_order = std::chrono::seconds(10);  ///< how far spans of one partition may come out of order
  std::string safety_phrases;                        ///< YAML of a phrase table; empty: the built-in one
};

}  // namespace tidewatch
