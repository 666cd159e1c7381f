#include <array>
#include <string_view>

#include "stream/detect/options.h"

namespace tidewatch {
namespace {

struct Row {
  std::string_view measure;
  double min_effect;           ///< relative
  double min_effect_absolute;  ///< in the measure's units
};

/// Least effects are what a person would get up for: a refusal rate from 0.1 % to 0.2 % is a doubling, and no incident.
constexpr auto kPoint = std::to_array<Row>({
    {"error_rate", 0.2, 0.01},
    {"llm_error_rate", 0.2, 0.01},
    {"rate_limited_rate", 0.2, 0.01},
    {"tool_error_rate", 0.2, 0.02},
    {"soft_error_rate", 0.2, 0.01},
    {"schema_mismatch_rate", 0.2, 0.02},
    {"refusal_rate", 0.2, 0.01},
    {"hedging_rate", 0.2, 0.02},
    {"wrong_language_rate", 0.2, 0.01},
    {"unsafe_rate", 0.1, 0.001},
    {"groundedness", 0.05, 0.02},
    {"retrieval_score", 0.05, 0},
    {"latency_p95", 0.25, 0},
    {"llm_latency_p95", 0.25, 0},
    {"time_to_first_token_p95", 0.25, 0},
    {"time_per_output_token_p50", 0.25, 0},
    {"positive_feedback", 0.05, 0.03},
    {"rating", 0.05, 0},
    {"cost_per_request", 0.25, 0},
    {"input_tokens_per_call", 0.3, 0},
    {"output_tokens_per_call", 0.3, 0},
    {"question_length", 0.3, 0},
    {"score_*", 0.05, 0},
    {"pass_*", 0.05, 0.02},
});

}  // namespace

std::vector<DetectorRule> default_rules() {
  std::vector<DetectorRule> out;
  for (const Row& row : kPoint) {
    DetectorRule rule;
    rule.name = std::string(row.measure);
    if (rule.name.ends_with("_*")) rule.name.resize(rule.name.size() - 2);
    rule.detector = "point";
    rule.measures = {std::string(row.measure)};
    rule.min_effect = row.min_effect;
    rule.min_effect_absolute = row.min_effect_absolute;
    out.push_back(std::move(rule));
  }
  DetectorRule volume;
  volume.name = "volume";
  volume.detector = "point";
  volume.measures = {"requests"};
  volume.direction = Direction::down;  // more traffic is a launch, not an incident
  volume.min_effect = 0.5;
  out.push_back(volume);
  return out;
}

}  // namespace tidewatch
