#pragma once

#include <optional>
#include <string_view>

#include "stream/ingest/mapping/attribute_slots.h"
#include "tidewatch/v1/fragment.pb.h"

namespace tidewatch {

/// An evaluation out of `gen_ai.evaluation.result` attributes; nothing when it has no name, or neither score nor label.
/// Without an id of its own it gets one of (trace, span, name, time), so that what is sent twice counts once.
std::optional<tidewatch::v1::EvaluationFacts> evaluation_of(const AttributeSlots& slots, const Normaliser& normaliser,
                                                            std::string_view trace_id, std::string_view span_id,
                                                            Timestamp time);

}  // namespace tidewatch
