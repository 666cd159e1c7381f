#include "stream/ingest/mapping/evaluation_mapper.h"

#include <fmt/format.h>

#include "stream/ingest/mapping/attribute_values.h"
#include "stream/ingest/mapping/hex.h"

namespace tidewatch {

std::optional<tidewatch::v1::EvaluationFacts> evaluation_of(const AttributeSlots& slots, const Normaliser& normaliser,
                                                            std::string_view trace_id, std::string_view span_id,
                                                            Timestamp time) {
  const auto text = [&](CanonicalField field) {
    return slots.has(field) ? text_of(*slots[field].value) : std::string_view{};
  };
  const auto name = text(CanonicalField::evaluation_name);
  const auto label = text(CanonicalField::evaluation_label);
  if (name.empty() || (label.empty() && !slots.has(CanonicalField::evaluation_score))) return std::nullopt;
  tidewatch::v1::EvaluationFacts out;
  const int64_t nanos = time.time_since_epoch().count();
  out.set_id(slots.has(CanonicalField::evaluation_id)
                 ? std::string(text(CanonicalField::evaluation_id))
                 : fmt::format("{}:{}:{}:{}", to_hex(trace_id), to_hex(span_id), name, nanos));
  out.set_time_unix_nano(nanos);
  out.set_span_id(std::string(span_id));
  out.set_name(std::string(name));
  if (slots.has(CanonicalField::evaluation_score))
    out.set_score(*number_of(*slots[CanonicalField::evaluation_score].value));
  out.set_label(std::string(label));
  if (const auto passed = normaliser.passed(label); passed && !label.empty()) out.set_passed(*passed);
  out.set_evaluator(std::string(text(CanonicalField::evaluator)));
  return out;
}

}  // namespace tidewatch
