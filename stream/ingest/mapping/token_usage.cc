#include "stream/ingest/mapping/token_usage.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>

#include "stream/ingest/mapping/attribute_values.h"

namespace tidewatch {
namespace {

std::optional<uint64_t> count_of(const AttributeSlots& slots, CanonicalField field) {
  const auto& slot = slots[field];
  if (slot.value == nullptr) return std::nullopt;
  const auto number = number_of(*slot.value);
  constexpr double kMost = 1e12;
  if (!number || *number < 0 || *number > kMost) return std::nullopt;
  return static_cast<uint64_t>(std::llround(*number));
}

bool is_extra_by_table(const AttributeSlots& slots, CanonicalField field, std::string_view provider) {
  const auto* row = slots[field].row;
  if (row == nullptr) return false;
  return row->is_extra || std::find(row->extra_for.begin(), row->extra_for.end(), provider) != row->extra_for.end();
}

}  // namespace

void set_token_usage(const AttributeSlots& slots, tidewatch::v1::SpanFacts& facts) {
  auto input = count_of(slots, CanonicalField::input_tokens);
  auto output = count_of(slots, CanonicalField::output_tokens);
  const auto cached = count_of(slots, CanonicalField::cached_input_tokens);
  const auto written = count_of(slots, CanonicalField::cache_write_tokens);
  const auto reasoning = count_of(slots, CanonicalField::reasoning_tokens);
  const auto total = count_of(slots, CanonicalField::total_tokens);

  const uint64_t in = input.value_or(0);
  const uint64_t out = output.value_or(0);
  const uint64_t in_parts = cached.value_or(0) + written.value_or(0);
  const uint64_t out_parts = reasoning.value_or(0);
  bool are_input_extras = is_extra_by_table(slots, CanonicalField::cached_input_tokens, facts.provider()) ||
                          is_extra_by_table(slots, CanonicalField::cache_write_tokens, facts.provider()) ||
                          in_parts > in;
  bool are_output_extras =
      is_extra_by_table(slots, CanonicalField::reasoning_tokens, facts.provider()) || out_parts > out;
  // The total says of what it is the sum. Some totals leave the cached tokens out, so that "input + output" proves
  // nothing against a table's `extra_for`; buckets that do not overlap (`extra`) do sum up to it.
  if (total && input && output && in_parts + out_parts > 0) {
    const auto is_bucket = [&](CanonicalField field) {
      return slots[field].row != nullptr && slots[field].row->is_extra;
    };
    if (*total == in + out) {
      if (in_parts <= in && is_bucket(CanonicalField::cached_input_tokens)) are_input_extras = false;
      if (out_parts <= out && is_bucket(CanonicalField::reasoning_tokens)) are_output_extras = false;
    } else if (*total == in + out + in_parts + out_parts) {
      are_input_extras = in_parts > 0;
      are_output_extras = out_parts > 0;
    } else if (*total == in + out + out_parts) {
      are_output_extras = true;
    } else if (*total == in + out + in_parts) {
      are_input_extras = true;
    }
  }
  if (input && are_input_extras) *input += in_parts;
  if (output && are_output_extras) *output += out_parts;

  if (input) facts.set_input_tokens(*input);
  if (output) facts.set_output_tokens(*output);
  if (cached) facts.set_cached_input_tokens(*cached);
  if (written) facts.set_cache_write_tokens(*written);
  if (reasoning) facts.set_reasoning_tokens(*reasoning);
}

}  // namespace tidewatch
