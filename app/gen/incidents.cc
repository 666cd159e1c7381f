#include "app/gen/incidents.h"

#include <algorithm>

#include "detectors/core/check.h"

namespace tidewatch::gen {
namespace {

void model_update(Conditions& to, double) {
  to.response_model = "gpt-4o-mini-2026-02-27";
  to.refusal = 0.11;
  to.hedging = 0.12;
  to.ungrounded = 0.12;
  to.answer_length = 1.6;
}
void prompt_change(Conditions& to, double) {
  to.prompt_version = "v10";
  to.schema_failure = 0.12;
  to.refusal = 0.06;
}
void data_drift(Conditions& to, double) {
  to.retrieval_score = 0.6;
  to.stale_documents = 0.4;
  to.hedging = 0.2;
  to.ungrounded = 0.2;
}
void user_shift(Conditions& to, double) {
  to.segments = {0.25, 0.25, 0.5};
  to.languages = {0.55, 0.05, 0.05, 0.35};
  to.topics = {2, 2, 2, 2, 1, 1, 8};
}
void provider_slow(Conditions& to, double) {
  to.model_time = 1.9;
  to.first_token_time = 2.6;
  to.rate_limit = 0.06;
  to.timeout = 0.012;
}
/// 0.7 standard deviations of the logarithm of a model call's time (0.35, see ModelClock): neither would be noticed
/// alone.
void both_slightly_up(Conditions& to, double) {
  to.model_time = 1.28;
  to.first_token_time = 1.28;
  to.server_error = 0.016;
}
void slow_decline(Conditions& to, double progress) {
  to.refusal = 0.02 + 0.06 * progress;
  to.hedging = 0.05 + 0.10 * progress;
  to.ungrounded = 0.03 + 0.12 * progress;
}
void cost_spike(Conditions& to, double) {
  to.prompt_tokens = 2.8;
  to.extra_attempts = 0.25;
  to.tool_rounds = 2.2;
}
void outage(Conditions& to, double) { to.service_error = 0.6; }
void telemetry_gap(Conditions& to, double) { to.span_loss = 1; }
void bad_canary(Conditions& to, double) {
  to.refusal = 0.14;
  to.hedging = 0.15;
  to.model_time = 1.5;
  to.server_error = 0.03;
}

/// Grows for a third of the time, then stays.
void launch(Conditions& to, double progress) { to.traffic *= 1 + 0.6 * std::min(1.0, 3 * progress); }
void burst(Conditions& to, double) { to.traffic *= 2.2; }
void harmless_prompt(Conditions& to, double) { to.prompt_version = "v32"; }
void weekend(Conditions&, double) {}  // the season itself does it

}  // namespace

const std::vector<IncidentType>& incident_types() {
  static const std::vector<IncidentType> types = {
      {"model-update",
       "model",
       "shop-assistant",
       "/chat",
       2,
       false,
       true,
       {"refusal_rate", "hedging_rate", "answer_length", "output_tokens_per_call", "positive_feedback", "models"},
       "the provider moved the model's alias to a new version, which declines and hedges more and writes longer "
       "answers",
       model_update},
      {"prompt-change",
       "prompt",
       "docs-search",
       "/extract",
       2,
       false,
       true,
       {"schema_mismatch_rate", "soft_error_rate", "refusal_rate", "prompt_versions"},
       "prompt v10 lost the instruction to answer in JSON only",
       prompt_change},
      {"data-drift",
       "data",
       "shop-assistant",
       "/rag/answer",
       2,
       false,
       true,
       {"retrieval_score", "hedging_rate", "groundedness", "positive_feedback"},
       "the index was rebuilt from stale documents: retrieval finds little that fits",
       data_drift},
      {"user-shift",
       "users",
       "shop-assistant",
       "",
       3,
       false,
       true,
       {"segments", "languages", "question_length"},
       "a reseller's enterprise customers arrive: other segment, more Spanish, long questions on customs",
       user_shift},
      {"provider-slow",
       "provider",
       "docs-search",
       "/summarize",
       1.5,
       false,
       true,
       {"latency", "llm_latency", "rate_limited_rate", "llm_error_rate", "error_rate"},
       "the model provider is overloaded: slow tokens, some 429 and timeouts",
       provider_slow},
      {"both-slightly-up",
       "provider",
       "helpdesk",
       "/rag/answer",
       4,
       false,
       true,
       {"latency", "llm_latency", "time_to_first_token", "error_rate", "llm_error_rate"},
       "latency and error rate both rise a little, neither enough to be noticed alone",
       both_slightly_up},
      {"slow-decline",
       "data",
       "helpdesk",
       "",
       120,
       false,
       true,
       {"refusal_rate", "hedging_rate", "groundedness", "positive_feedback"},
       "answers get a little worse every hour over days",
       slow_decline},
      {"cost-spike",
       "cost",
       "helpdesk",
       "/agent",
       2,
       false,
       true,
       {"input_tokens_per_call", "cost_per_request"},
       "the agent drags the whole conversation along and repeats calls",
       cost_spike},
      {"outage",
       "service",
       "helpdesk",
       "",
       0.5,
       false,
       true,
       {"error_rate"},
       "the service fails most requests before it calls a model",
       outage},
      {"telemetry-gap",
       "telemetry",
       "docs-search",
       "",
       0.7,
       false,
       true,
       {"requests", "llm_calls"},
       "the exporters of a service send nothing; the service itself is well",
       telemetry_gap},
      {"bad-canary",
       "rollout",
       "shop-assistant",
       "",
       3,
       true,
       true,
       {"refusal_rate", "hedging_rate", "latency", "error_rate"},
       "a canary with a tenth of the traffic is worse than the stable version",
       bad_canary},
      {"launch",
       "users",
       "docs-search",
       "/summarize",
       8,
       false,
       false,
       {"requests"},
       "a launch: more users ask, and are answered as well as ever",
       launch},
      {"burst",
       "users",
       "shop-assistant",
       "",
       0.25,
       false,
       false,
       {"requests"},
       "a newsletter brings visitors for a quarter of an hour",
       burst},
      {"harmless-prompt",
       "prompt",
       "helpdesk",
       "/agent",
       8,
       false,
       false,
       {"prompt_versions"},
       "a new prompt version that answers as well as the old one",
       harmless_prompt},
      {"weekend",
       "users",
       "",
       "",
       48,
       false,
       false,
       {"requests", "segments"},
       "a weekend: less traffic, fewer enterprise users, as every week",
       weekend},
  };
  return types;
}

const IncidentType& incident_type(std::string_view scenario) {
  const auto& types = incident_types();
  const auto found =
      std::find_if(types.begin(), types.end(), [&](const auto& type) { return type.scenario == scenario; });
  TW_CHECK(found != types.end(), "no such incident");
  return *found;
}

}  // namespace tidewatch::gen
