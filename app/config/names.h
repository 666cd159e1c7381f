#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/config/config.h"
#include "app/config/format/types.h"
#include "stream/window/measures.h"

namespace tidewatch::config {

/// What a config may refer to by name: measures and labels, the built-in ones and those that it defines itself.
struct Names {
  MeasureCatalog measures;
  std::vector<std::string> labels;
};
Names names_of(const Config& config);

/// Labels that are there without a line under `labels`.
const std::vector<std::string>& canonical_labels();

inline constexpr const char* kLabelPattern = "[a-z][a-z0-9_]*";

Type<std::string> label(const Names& names);
/// Different labels, at least so many: [service, endpoint].
Type<std::vector<std::string>> different_labels(const Names& names, size_t least);
/// A group of them, not empty.
Type<EntityGroup> entity_group(const Names& names);
/// A measure, a statistic of one, or a pattern of evaluation scores: refusal_rate, latency_p95, score_*.
Type<std::string> watched_measure(const Names& names);
/// A number or text that requests and calls have: output_tokens, latency, error_kind, or a label.
Type<std::string> any_fact(const Names& names);
bool is_number_fact(std::string_view name);

/// `text` with the nearest of `names`: `"refusl_rate" is no measure; did you mean "refusal_rate"?`.
std::string unknown_name(const std::string& what, std::string_view given, const std::vector<std::string_view>& names);

}  // namespace tidewatch::config
