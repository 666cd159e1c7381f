#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "stream/window/measures.h"

namespace tidewatch {

/// What a measure of the config is counted over.
enum class CountedOver : uint8_t { requests, llm_calls, retrievals, tool_calls };

/// One condition on a fact of a request or call: `{field: output_tokens, above: 2000}`. Of the limits given all must
/// hold; a fact that is unknown fulfils none.
struct Matcher {
  std::string field;                ///< a fact of stream/assemble/facts.h: output_tokens, latency, model, segment, ...
  std::optional<double> above;      ///< number > above
  std::optional<double> below;      ///< number < below
  std::vector<std::string> in;      ///< text is one of these
  std::vector<std::string> not_in;  ///< text is none of these
};

/// A measure that data teams declare in the config, without C++:
/// `long_answers: {kind: rate, of: llm_calls, where: {field: output_tokens, above: 2000}}`.
/// rate: share of what `of` counts that fulfils `where`. distribution, sum, distinct, composition: the fact `value` of
/// what fulfils `where`; a sum without `value` counts.
struct CustomMeasure {
  MeasureInfo info;
  CountedOver of = CountedOver::requests;
  std::vector<Matcher> where;  ///< all must hold
  std::string value;           ///< fact measured; empty for rates and counts
};

}  // namespace tidewatch
