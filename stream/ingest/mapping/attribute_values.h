#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "detectors/core/time.h"
#include "stream/ingest/dialects/dialect_table.h"
#include "stream/ingest/otlp.h"

namespace tidewatch {

// Attribute values as what a field needs. Instrumentations write numbers as texts and texts as one-element lists.

/// The text; of a list: its first text. Empty when it is none.
std::string_view text_of(const OtlpValue& value);
/// A finite number, or a text that is one.
std::optional<double> number_of(const OtlpValue& value);
std::optional<bool> flag_of(const OtlpValue& value);
/// Anything as a label: texts as they are, numbers and booleans written out. Empty: none.
std::string label_of(const OtlpValue& value);
/// Since `start`: a number of `unit`, or (TimeUnit::time) an RFC 3339 time, quoted or not. Never negative.
std::optional<Duration> duration_of(const OtlpValue& value, TimeUnit unit, Timestamp start);
/// Longest label, model or tool name that is kept.
inline constexpr size_t kMaxLabelValueBytes = 256;
/// The first kMaxLabelValueBytes of a label, whole characters only: whoever writes more has put a text where a label
/// belongs, and texts stay in the input topic.
std::string_view as_label(std::string_view text);

/// As JSON text. Bytes become null; invalid UTF-8 is replaced.
std::string json_of(const OtlpValue& value);
std::string json_of(const OtlpAttributes& attributes);

}  // namespace tidewatch
