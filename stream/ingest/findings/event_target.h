#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "detectors/core/result.h"

namespace tidewatch {

/// What a piece of feedback or an evaluation is about, by the most telling of the ids it names: the trace, else the
/// span, else the session; one that names span and session and has labels of its own is about the session.
struct EventTarget {
  enum class Kind : uint8_t { trace, session, span };
  Kind kind = Kind::trace;
  std::string id;  ///< trace: 16 raw bytes; span: 8 raw bytes; session: as it is named

  /// Key of the fragment: 32 hex digits of the trace id (as spans are keyed), "session:<id>" or "span:<16 hex digits>".
  std::string key() const;
};

/// 16 raw bytes of a trace id as people write it: 32 hex digits, a UUID, or MLflow's "tr-<32 hex digits>" and
/// "trace:/<where>/<32 hex digits>". Error: `bad_trace_id`.
Result<std::string> parse_trace_id(std::string_view text);

/// 8 raw bytes of 16 hex digits. Error: `bad_span_id`.
Result<std::string> parse_span_id(std::string_view text);

}  // namespace tidewatch
