#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "stream/assemble/options.h"
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

/// Lasting changes too small for a single window; `min_effect` is of the level since the change.
constexpr auto kShift = std::to_array<Row>({
    {"error_rate", 0.3, 0.01},
    {"llm_error_rate", 0.3, 0.01},
    {"soft_error_rate", 0.3, 0.01},
    {"schema_mismatch_rate", 0.3, 0.02},
    {"refusal_rate", 0.3, 0.01},
    {"hedging_rate", 0.3, 0.02},
    {"wrong_language_rate", 0.3, 0.01},
    {"groundedness", 0.03, 0.02},
    {"retrieval_score", 0.03, 0},
    {"latency_p50", 0.15, 0},
    {"llm_latency_p50", 0.15, 0},
    {"time_per_output_token_p50", 0.15, 0},
    {"positive_feedback", 0.05, 0.03},
    {"cost_per_request", 0.2, 0},
    {"input_tokens_per_call", 0.2, 0},
    {"output_tokens_per_call", 0.2, 0},
    {"score_*", 0.03, 0},
    {"pass_*", 0.03, 0.01},
});

/// Slow decline or rise over days; `min_effect` is of the level since it began.
constexpr auto kTrend = std::to_array<Row>({
    {"refusal_rate", 0.3, 0.01},
    {"soft_error_rate", 0.3, 0.01},
    {"groundedness", 0.03, 0.02},
    {"retrieval_score", 0.03, 0},
    {"latency_p50", 0.15, 0},
    {"positive_feedback", 0.03, 0.02},
    {"rating", 0.03, 0},
    {"cost_per_request", 0.15, 0},
    {"output_tokens_per_call", 0.15, 0},
    {"score_*", 0.03, 0},
    {"pass_*", 0.03, 0.01},
});

/// Another composition or distribution; `min_effect_absolute` is the share beyond what is usual that changed category.
constexpr auto kDrift = std::to_array<Row>({
    {"finish_reasons", 0.5, 0.05},
    {"languages", 0.5, 0.1},
    {"tools", 0.5, 0.1},
    {"question_length", 0.5, 0.15},
    {"answer_length", 0.5, 0.15},
});

/// Against a test set, where the config has one; the least effect is what is tolerated. Latency and feedback of a test
/// set are not those of production.
constexpr auto kReference = std::to_array<Row>({
    {"error_rate", 0.3, 0.01},
    {"refusal_rate", 0.3, 0.02},
    {"hedging_rate", 0.3, 0.02},
    {"schema_mismatch_rate", 0.3, 0.02},
    {"groundedness", 0.05, 0.03},
    {"output_tokens_per_call", 0.25, 0},
    {"score_*", 0.05, 0},
    {"pass_*", 0.05, 0.03},
});

/// A new variant or prompt version against those that run beside it. Another prompt may cost more and take longer by
/// intent, so of prompt versions what is asked is whether answers are worse. Models are different by nature.
constexpr auto kContrast = std::to_array<Row>({
    {"error_rate", 0.3, 0.01},
    {"soft_error_rate", 0.3, 0.01},
    {"refusal_rate", 0.3, 0.01},
    {"hedging_rate", 0.3, 0.02},
    {"groundedness", 0.05, 0.02},
    {"positive_feedback", 0.05, 0.03},
    {"latency_p50", 0.15, 0},
    {"cost_per_request", 0.2, 0},
});

/// What differs between endpoints moves for a service as a whole when its mix of traffic does: a launch, not an
/// incident.
bool depends_on_mix(std::string_view measure) {
  return measure.starts_with("latency") || measure.starts_with("llm_latency") || measure.starts_with("time_") ||
         measure.starts_with("cost") || measure.starts_with("input_") || measure.starts_with("output_") ||
         measure.starts_with("question_") || measure == "groundedness" || measure == "retrieval_score";
}

bool depends_on_size(std::string_view measure) { return measure.starts_with("latency") || measure.starts_with("cost"); }

/// Groups that tell endpoints apart.
std::vector<EntityGroup> by_endpoint() {
  auto out = default_entities();
  std::erase_if(
      out, [](const EntityGroup& group) { return std::find(group.begin(), group.end(), "endpoint") == group.end(); });
  return out;
}

/// One bad request is the 95th percentile of twenty: what is no accident is there in the next window too.
bool is_tail(std::string_view measure) { return measure.ends_with("_p95"); }

std::string name_without_pattern(std::string_view measure) {
  return std::string(measure.ends_with("_*") ? measure.substr(0, measure.size() - 2) : measure);
}

DetectorRule make_rule(const Row& row, std::string_view detector, std::string name) {
  DetectorRule rule;
  rule.name = std::move(name);
  rule.detector = std::string(detector);
  rule.measures = {std::string(row.measure)};
  if (depends_on_mix(row.measure)) rule.entities = by_endpoint();
  rule.min_effect = row.min_effect;
  rule.min_effect_absolute = row.min_effect_absolute;
  return rule;
}

}  // namespace

std::vector<DetectorRule> default_rules() {
  std::vector<DetectorRule> out;
  for (const Row& row : kPoint) {
    DetectorRule rule = make_rule(row, "point", name_without_pattern(row.measure));
    if (is_tail(row.measure)) {
      rule.for_windows = 2;
      rule.min_count = 20;
    }
    // One unsafe answer is worth a look however few there are; that it was no chance is for the statistics to say.
    if (row.measure == "unsafe_rate") rule.min_count = 1;
    out.push_back(std::move(rule));
  }
  for (const Row& row : kShift) out.push_back(make_rule(row, "shift", name_without_pattern(row.measure) + "_shift"));
  for (const Row& row : kContrast) {
    DetectorRule rule = make_rule(row, "contrast", name_without_pattern(row.measure) + "_contrast");
    rule.entities = {{"service", "endpoint", "variant"}};
    if (!depends_on_size(row.measure)) rule.entities.push_back({"service", "endpoint", "prompt_version"});
    out.push_back(std::move(rule));
  }
  for (const Row& row : kTrend) {
    DetectorRule rule = make_rule(row, "trend", name_without_pattern(row.measure) + "_trend");
    if (rule.entities.empty()) rule.entities = {{"service"}, {"service", "endpoint"}};
    out.push_back(std::move(rule));
  }

  for (const Row& row : kDrift) {
    DetectorRule rule = make_rule(row, "drift", std::string(row.measure) + "_drift");
    rule.entities = {{"service", "endpoint"}};
    rule.direction = Direction::up;
    out.push_back(std::move(rule));
  }

  for (const Row& row : kReference) {
    DetectorRule rule = make_rule(row, "reference", name_without_pattern(row.measure) + "_reference");
    rule.settings = {{"tolerance", fmt::format("{}", row.min_effect)},
                     {"tolerance_absolute", fmt::format("{}", row.min_effect_absolute)}};
    rule.window = std::chrono::hours(1);
    out.push_back(std::move(rule));
  }

  // More traffic is a launch, not an incident; much less is one, and none at all says nothing of quality.
  DetectorRule volume = make_rule({"requests", 0.5, 0}, "gap", "telemetry");
  volume.direction = Direction::down;
  // Traffic that moves to another model, version or variant is missing nowhere.
  volume.entities = {{"service"}, {"service", "endpoint"}};
  out.push_back(volume);

  DetectorRule together = make_rule({"latency", 0.15, 0}, "multivariate", "slow_and_failing");
  together.measures = {"latency_p50", "error_rate"};
  out.push_back(together);
  return out;
}

}  // namespace tidewatch
